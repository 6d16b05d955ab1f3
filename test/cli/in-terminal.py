"""Runs a command in a pseudo-terminal: in-terminal.py SCRIPT COMMAND... SCRIPT is a JSON list of [wait for, seconds at most, keys or
signal]: ["text", 5, "q"], ["text", 5, {"signal": 15}]. Prints JSON: output, status, whether the modes are as they were."""
import fcntl, json, os, pty, select, signal, struct, sys, termios, time

steps = json.loads(sys.argv[1])
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.close(master)
    os.execvp(sys.argv[2], sys.argv[2:])
seen = b""
def pump(seconds, until=None):
    global seen
    end = time.time() + seconds
    start = len(seen)
    while time.time() < end:
        if until is not None and until in seen[start:]:
            return True
        if select.select([master], [], [], 0.05)[0]:
            try:
                part = os.read(master, 65536)
            except OSError:
                return False
            if part == b"":
                return False
            seen += part
    return False
found = []
for text, seconds, action in steps:
    found.append(pump(seconds, text.encode()))
    if isinstance(action, str):
        os.write(master, action.encode())
    else:
        os.kill(pid, action["signal"])
status = None
end = time.time() + 15
while status is None and time.time() < end:
    pump(0.1)
    done, code = os.waitpid(pid, os.WNOHANG)
    if done:
        status = code
pump(0.2)
if status is None:
    os.kill(pid, signal.SIGKILL)
after = termios.tcgetattr(slave)
print(json.dumps({
    "output": seen.decode("utf8", "replace"),
    "found": found,
    "status": None if status is None else (os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)),
    "restored": before[:4] == after[:4],
}))
