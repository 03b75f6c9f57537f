/*
 * The least a credential helper on this design could be: connect to the daemon's socket, send a request that was prepared
 * beforehand, print the body of the answer. Static C, no configuration, no checks beyond what it needs to stop at the right byte.
 * scripts/bench states the helper's time as a multiple of this.
 *
 * usage: relay SOCKET REQUEST-FILE
 */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The header in front of a body, as src/Ark.Wire/Frame.cs describes it; its layout never changes. */
enum { HEADER = 20, TYPE = 5, LENGTH = 8, REPLY = 0x81, MAX_BODY = 65536 };

static unsigned char frame[HEADER + MAX_BODY];

static int read_all(int file, unsigned char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t got = read(file, bytes, count);
        if (got <= 0)
            return -1;
        bytes += got;
        count -= (size_t)got;
    }
    return 0;
}

static uint32_t little_endian(const unsigned char *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

int main(int argc, char **argv)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (argc != 3 || strlen(argv[1]) >= sizeof address.sun_path)
        return 2;
    strcpy(address.sun_path, argv[1]);

    int request = open(argv[2], O_RDONLY);
    ssize_t length = request < 0 ? -1 : read(request, frame, sizeof frame);
    if (length <= 0)
        return 2;

    int daemon = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (daemon < 0 || connect(daemon, (struct sockaddr *)&address, sizeof address) != 0)
        return 1;
    if (write(daemon, frame, (size_t)length) != length)
        return 1;

    do {
        if (read_all(daemon, frame, HEADER) != 0)
            return 1;
        uint32_t body = little_endian(frame + LENGTH);
        if (body > MAX_BODY || read_all(daemon, frame + HEADER, body) != 0)
            return 1;
        if (write(STDOUT_FILENO, frame + HEADER, body) != (ssize_t)body)
            return 1;
    } while (frame[TYPE] != REPLY);
    return 0;
}
