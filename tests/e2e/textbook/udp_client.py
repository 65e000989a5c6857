# The textbook's UDP client: no connect, the address goes with each message.
from socket import *
import sys

server_name = sys.argv[1]
server_port = int(sys.argv[2])
client_socket = socket(AF_INET, SOCK_DGRAM)
message = input('Input lowercase sentence: ')
client_socket.sendto(message.encode(), (server_name, server_port))
answer, server_address = client_socket.recvfrom(2048)
print('From server:', answer.decode())
client_socket.close()
