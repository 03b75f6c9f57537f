/*
 * Many clients of the daemon at once, in one thread. A get is a whole connection: connect, send a request that was prepared beforehand,
 * read the answer, close. Every answer is judged: one that is no success counts as an error.
 *
 * usage: load serve SOCKET REPLY-FILE                        answers every request with these bytes, in one thread: what the system alone takes
 *        load gets  SOCKET REQUEST-FILE CONNECTIONS SECONDS  so many connections, each followed by the next
 *        load burst SOCKET REQUEST-FILE CLIENTS              so many that all begin at the same moment
 *        load flood SOCKET REQUEST-FILE RATE SECONDS         a get every 10 ms, beside so many connections a second that never say a word
 *        load reply SOCKET REQUEST-FILE                      prints one whole answer, for serve
 *
 * All but serve and reply print one line: gets a second, errors, then the median, the 99th percentile and the longest in microseconds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* The header in front of a body, as src/Ark.Wire/Frame.cs describes it; its layout never changes. */
enum { HEADER = 20, TYPE = 5, LENGTH = 8, REPLY = 0x81, MAX_FRAME = 20 + 65536 };

enum { MAX_SAMPLES = 4 << 20 };

static unsigned char bytes[MAX_FRAME];
static unsigned char answer[MAX_FRAME];
static size_t length;
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static uint32_t *samples;
static size_t count;
static size_t errors;

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

static void fail(const char *what)
{
    perror(what);
    exit(2);
}

static void load_file(const char *path)
{
    int file = open(path, O_RDONLY);
    ssize_t got = file < 0 ? -1 : read(file, bytes, sizeof bytes);
    if (got <= 0)
        fail(path);
    length = (size_t)got;
    close(file);
}

static uint32_t little_endian(const unsigned char *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* A client of its own. */
struct client {
    int file;
    uint64_t began;
    size_t got;
    int good;
};

/* -1 when the daemon's queue is full, which is to be tried again. */
static int begin(struct client *client)
{
    client->file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (client->file < 0)
        fail("socket");
    if (connect(client->file, (struct sockaddr *)&address, sizeof address) != 0) {
        if (errno != EAGAIN)
            fail("connect");
        close(client->file);
        client->file = -1;
        return -1;
    }
    client->got = 0;
    client->good = 0;
    return 0;
}

static void send_request(struct client *client)
{
    if (send(client->file, bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
        errors++;
}

static void end(struct client *client)
{
    uint64_t took = now() - client->began;
    if (count < MAX_SAMPLES)
        samples[count] = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
    count++;
    if (!client->good)
        errors++;
    close(client->file);
    client->file = -1;
}

/* Reads what is there; true at the end of the answer. */
static int take(struct client *client)
{
    ssize_t got = recv(client->file, answer, sizeof answer, 0);
    if (got < 0 && errno == EAGAIN)
        return 0;
    if (got > 0 && client->got == 0 && got > HEADER + 2 && answer[TYPE] == REPLY) {
        size_t code = HEADER + 2u + answer[HEADER] + ((size_t)answer[HEADER + 1] << 8);
        client->good = code < (size_t)got && answer[code] == 0;
        client->got = HEADER + little_endian(answer + LENGTH);
    }
    if (got <= 0 || client->got == 0)
        return 1;
    client->got -= (size_t)got < client->got ? (size_t)got : client->got;
    return client->got == 0;
}

static int ascending(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    return one < other ? -1 : one > other;
}

static void report(uint64_t took)
{
    size_t kept = count < MAX_SAMPLES ? count : MAX_SAMPLES;
    qsort(samples, kept, sizeof *samples, ascending);
    if (kept == 0)
        samples[kept++] = 0;
    printf("%.0f %zu %u %u %u\n", (double)count * 1e6 / (double)took, errors, samples[kept / 2], samples[kept * 99 / 100], samples[kept - 1]);
}

/* Waits for answers; each client that has one is begun again while `again` says so. */
static void run(struct client *clients, int many, uint64_t until, int again)
{
    int events = epoll_create1(EPOLL_CLOEXEC), open_clients = 0, waiting = 0;
    struct epoll_event ready[256];
    uint64_t started = now();
    for (int i = 0; i < many; i++) {
        clients[i].file = -1;
        clients[i].began = started;
        waiting++;
    }

    while (open_clients > 0 || waiting > 0) {
        int full = 0;
        for (int i = 0; waiting > 0 && !full && i < many; i++) {
            if (clients[i].file >= 0 || clients[i].began == 0)
                continue;
            if (begin(&clients[i]) != 0) {
                full = 1;
                continue;
            }
            send_request(&clients[i]);
            struct epoll_event event = { .events = EPOLLIN, .data.u32 = (uint32_t)i };
            epoll_ctl(events, EPOLL_CTL_ADD, clients[i].file, &event);
            open_clients++;
            waiting--;
        }

        int found = epoll_wait(events, ready, 256, full ? 1 : 1000);
        for (int i = 0; i < found; i++) {
            struct client *client = &clients[ready[i].data.u32];
            if (client->file < 0 || !take(client))
                continue;
            end(client);
            open_clients--;
            client->began = again && now() < until ? now() : 0;
            if (client->began != 0) {
                if (begin(client) != 0) {
                    waiting++;
                    continue;
                }
                send_request(client);
                struct epoll_event event = { .events = EPOLLIN, .data.u32 = ready[i].data.u32 };
                epoll_ctl(events, EPOLL_CTL_ADD, client->file, &event);
                open_clients++;
            }
        }
    }
    close(events);
}

static void flood(int rate, int seconds)
{
    enum { MOST = 1 << 16 };
    static int silent[MOST];
    size_t opened = 0, closed = 0;
    uint64_t started = now(), until = started + (uint64_t)seconds * 1000000, next = started;
    struct client client = { .file = -1 };
    while (now() < until || client.file >= 0) {
        uint64_t time = now();
        /* The silent ones, as many as their rate says by now. A full queue is their loss. */
        while (time < until && (double)opened < (double)(time - started) * rate / 1e6) {
            struct client mute;
            silent[opened % MOST] = begin(&mute) == 0 ? mute.file : -1;
            opened++;
        }
        /* Those that have been there for three seconds the daemon has let go. */
        while (opened - closed > (size_t)rate * 3) {
            if (silent[closed % MOST] >= 0)
                close(silent[closed % MOST]);
            closed++;
        }
        if (client.file < 0 && time >= next && time < until) {
            client.began = client.began != 0 && client.got == 1 ? client.began : time;
            if (begin(&client) == 0) {
                send_request(&client);
                next = time + 10000;
            } else {
                /* Not in yet: it goes on waiting. */
                client.got = 1;
                poll(NULL, 0, 1);
            }
        }
        struct pollfd look = { .fd = client.file, .events = POLLIN };
        if (client.file < 0)
            poll(NULL, 0, 1);
        else if (poll(&look, 1, 1) > 0 && take(&client)) {
            end(&client);
            client.got = 0;
        }
    }
}

static void serve(void)
{
    unlink(address.sun_path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4096) != 0)
        fail("listen");
    for (;;) {
        int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (peer < 0)
            continue;
        struct ucred who;
        socklen_t size = sizeof who;
        getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &size);
        if (recv(peer, answer, sizeof answer, 0) > 0)
            (void)!send(peer, bytes, length, MSG_NOSIGNAL);
        close(peer);
    }
}

int main(int argc, char **argv)
{
    if (argc < 4 || strlen(argv[2]) >= sizeof address.sun_path)
        return 2;
    strcpy(address.sun_path, argv[2]);
    load_file(argv[3]);
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    samples = calloc(MAX_SAMPLES, sizeof *samples);

    int first = argc > 4 ? atoi(argv[4]) : 0, second = argc > 5 ? atoi(argv[5]) : 0;
    uint64_t started = now();
    if (strcmp(argv[1], "serve") == 0) {
        serve();
    } else if (strcmp(argv[1], "reply") == 0) {
        struct client client;
        if (begin(&client) != 0)
            fail("connect");
        send_request(&client);
        fcntl(client.file, F_SETFL, 0);
        for (ssize_t got; (got = recv(client.file, answer, sizeof answer, 0)) > 0;)
            (void)!write(1, answer, (size_t)got);
        return 0;
    } else if (strcmp(argv[1], "gets") == 0 && first > 0 && second > 0) {
        run(calloc((size_t)first, sizeof(struct client)), first, started + (uint64_t)second * 1000000, 1);
    } else if (strcmp(argv[1], "burst") == 0 && first > 0) {
        run(calloc((size_t)first, sizeof(struct client)), first, 0, 0);
    } else if (strcmp(argv[1], "flood") == 0 && first > 0 && second > 0) {
        flood(first, second);
    } else {
        return 2;
    }
    report(now() - started);
    return 0;
}
