/*
 * Times whole processes against each other.
 *
 * usage: race RUNS STDIN-FILE NAME [VARIABLE=VALUE]... COMMAND... [-- NAME ...]...
 *        race capture SOCKET FILE
 *
 * A race starts A B C, A B C, ... so that whatever else the machine is doing hits all of them alike. Each process reads STDIN-FILE
 * and writes to a pipe that is read to its end; the time runs from before the spawn to after the wait. A line of NAME, median and
 * 95th percentile in microseconds, and largest resident set in kilobytes is printed for each. A process that fails, or prints
 * nothing, ends the race: what does not work is not fast.
 *
 * RACE_BEFORE in the environment is a command of the shell that is run, untimed, before each process, as to make everything cold again.
 *
 * capture listens on SOCKET, saves what the first client sends, up to its pause for an answer, to FILE and hangs up.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { MAX_RUNNERS = 8, WARM_UP = 20 };

struct runner {
    const char *name;
    char **variables; /* of this runner alone, in front of its command */
    char **command;
    double *microseconds;
    long kilobytes;
};

static void die(const char *what)
{
    fprintf(stderr, "race: %s: %s\n", what, strerror(errno));
    exit(2);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* The environment with the runner's own variables in front, where getenv finds them first. */
static char **environment(const struct runner *runner)
{
    size_t own = (size_t)(runner->command - runner->variables), all = 0;
    while (environ[all] != NULL)
        all++;
    char **joined = calloc(own + all + 1, sizeof *joined);
    if (joined == NULL)
        die("memory");
    memcpy(joined, runner->variables, own * sizeof *joined);
    size_t kept = own;
    for (size_t i = 0; i < all; i++) {
        size_t name = strcspn(environ[i], "=") + 1, j = 0;
        while (j < own && strncmp(runner->variables[j], environ[i], name) != 0)
            j++;
        if (j == own)
            joined[kept++] = environ[i];
    }
    return joined;
}

static double run(struct runner *runner, const char *input)
{
    char **variables = environment(runner);
    int output[2];
    if (pipe2(output, O_CLOEXEC) != 0)
        die("pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);

    const char *before = getenv("RACE_BEFORE");
    if (before != NULL && system(before) != 0)
        die(before);
    double start = now();
    pid_t child;
    errno = posix_spawn(&child, runner->command[0], &actions, NULL, runner->command, variables);
    if (errno != 0)
        die(runner->command[0]);
    close(output[1]);
    char bytes[8192];
    ssize_t got, total = 0;
    while ((got = read(output[0], bytes, sizeof bytes)) > 0)
        total += got;
    int status;
    struct rusage usage;
    if (wait4(child, &status, 0, &usage) != child)
        die("wait4");
    double took = now() - start;

    close(output[0]);
    free(variables);
    posix_spawn_file_actions_destroy(&actions);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || total == 0) {
        fprintf(stderr, "race: %s failed (status %d, %zd bytes)\n", runner->name, status, total);
        exit(1);
    }
    if (usage.ru_maxrss > runner->kilobytes)
        runner->kilobytes = usage.ru_maxrss;
    return took;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int race(int runs, const char *input, struct runner *runners, int count)
{
    for (int i = 0; i < count; i++)
        if ((runners[i].microseconds = calloc((size_t)runs, sizeof(double))) == NULL)
            die("memory");
    for (int turn = -WARM_UP; turn < runs; turn++)
        for (int i = 0; i < count; i++) {
            double took = run(&runners[i], input);
            if (turn >= 0)
                runners[i].microseconds[turn] = took;
        }
    for (int i = 0; i < count; i++) {
        qsort(runners[i].microseconds, (size_t)runs, sizeof(double), by_size);
        printf("%s %.0f %.0f %ld\n", runners[i].name, runners[i].microseconds[runs / 2], runners[i].microseconds[runs * 95 / 100],
               runners[i].kilobytes);
    }
    return 0;
}

static int capture(const char *path, const char *file)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        die(path);
    }
    strcpy(address.sun_path, path);
    umask(0177);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1) != 0)
        die(path);
    int client = accept(listener, NULL, NULL);
    int saved = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (client < 0 || saved < 0)
        die(file);

    /* A request is written in one piece; the client then waits, which is the end of it. */
    struct pollfd ready = { .fd = client, .events = POLLIN };
    char bytes[65536 + 64];
    for (int wait = 5000; poll(&ready, 1, wait) > 0; wait = 200) {
        ssize_t got = read(client, bytes, sizeof bytes);
        if (got <= 0)
            break;
        if (write(saved, bytes, (size_t)got) != got)
            die(file);
    }
    unlink(path);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "capture") == 0)
        return capture(argv[2], argv[3]);

    int runs = argc > 4 ? atoi(argv[1]) : 0;
    if (runs < 1) {
        fprintf(stderr, "usage: race RUNS STDIN-FILE NAME [VARIABLE=VALUE]... COMMAND... [-- NAME ...]...\n       race capture SOCKET FILE\n");
        return 2;
    }
    struct runner runners[MAX_RUNNERS] = { 0 };
    int count = 0;
    for (int i = 3; i + 1 < argc && count < MAX_RUNNERS; i++) {
        runners[count].name = argv[i];
        runners[count].variables = runners[count].command = &argv[i + 1];
        while (*runners[count].command != NULL && strchr(*runners[count].command, '=') != NULL)
            runners[count].command++;
        count++;
        while (argv[i] != NULL && strcmp(argv[i], "--") != 0)
            i++;
        if (argv[i] == NULL)
            break;
        argv[i] = NULL;
    }
    return race(runs, argv[2], runners, count);
}
