# The library manual's client: sendall, recv, repr.
import socket
import sys

HOST = sys.argv[1]
PORT = int(sys.argv[2])

with socket.create_connection((HOST, PORT)) as s:
    s.sendall(b'Hello, world')
    data = s.recv(1024)
print('Received', repr(data))
