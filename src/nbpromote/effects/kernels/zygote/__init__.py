"""The process that kernels, or commands, are forked of, with the heavy imports done.

For kernels it imports nothing of ours from outside of this folder, for a kernel that is forked of it must hold what a
fresh one would; for commands it is told what to import. It stays on one thread, opens no ZeroMQ context and uses no
gRPC before it forks. Whoever may open the socket in its folder asks for a fork, or for a server that several share; a
connection that closes gives back what was asked for by it. It ends when nobody has held anything for long.
"""
