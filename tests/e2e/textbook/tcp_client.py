# The textbook's TCP client: one sentence, one answer.
from socket import *
import sys

server_name = sys.argv[1]
server_port = int(sys.argv[2])
client_socket = socket(AF_INET, SOCK_STREAM)
client_socket.connect((server_name, server_port))
sentence = input('Input lowercase sentence: ')
client_socket.send(sentence.encode())
answer = client_socket.recv(1024)
print('From server:', answer.decode())
client_socket.close()
