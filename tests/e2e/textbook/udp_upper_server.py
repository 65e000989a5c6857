# The textbook's UDP server: answers to the address that recvfrom gave.
from socket import *
import sys

server_port = int(sys.argv[1])
server_socket = socket(AF_INET, SOCK_DGRAM)
server_socket.bind(('', server_port))
print('The server is ready to receive', flush=True)
while True:
    message, client_address = server_socket.recvfrom(2048)
    server_socket.sendto(message.decode().upper().encode(), client_address)
