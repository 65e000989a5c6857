# The tutorial's "thank you" server: greets, takes one message, says thanks, closes.
import socket
import sys

s = socket.socket()
port = int(sys.argv[1])
s.bind(('', port))
s.listen(5)
print('socket is listening', flush=True)
while True:
    c, addr = s.accept()
    c.recv(1024)
    c.send('Got your message, thank you'.encode())
    c.close()
