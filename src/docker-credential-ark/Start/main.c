/*
 * What the helper does on Linux before the .NET runtime starts and where that cannot start: scripts/publish links this around the
 * runtime's own main. Clients of the credential-helper protocol understand exit codes 0 and 1 only, and whoever runs them shall
 * read why.
 */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

extern char **environ;
int __real_main(int argc, char **argv);

/* What the runtime maps at its start, twice over; with less it does not always get as far as an exit code. */
static const rlim_t least_address_space = 128u << 20;

static const char reason[] = "the helper cannot start: a limit on memory or processes is too tight\n";
static const char error[] = "ark: error: ";
static const char hint[] = "ark: hint: look at the limits with: ulimit -a; 256 MB of address space and a few threads are enough\n";

/* erase never fails and list never fails: clients stop, or crash, when they do. */
static int refuse(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "erase") == 0) {
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        return write(1, "{}\n", 3) == 3 ? 0 : 1;
    }
    if (write(2, error, sizeof error - 1) < 0 || write(2, reason, sizeof reason - 1) < 0 || write(2, hint, sizeof hint - 1) < 0 ||
        write(1, reason, sizeof reason - 1) < 0) {
        /* Nobody listens; the exit code is left. */
    }
    return 1;
}

/*
 * The runtime takes settings of its own from the environment. With DOTNET_DbgEnableMiniDump a static executable does not start at
 * all, and a heap limit that was meant for somebody's service contradicts the one that is built in here.
 */
static void forget_settings_of_the_runtime(void)
{
    char **kept = environ;
    for (char **variable = environ; *variable != NULL; variable++) {
        if (strncmp(*variable, "DOTNET_", 7) != 0) {
            *kept++ = *variable;
        }
    }
    *kept = NULL;
}

/*
 * A core file would hold the caller's AWS keys. One byte and not none: a limit of 0 still lets the kernel hand the core to a program
 * (core(5)), while 1 is refused there too and is too little for a file.
 */
static void forbid_core_files(void)
{
    struct rlimit core;
    if (getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max > 1) {
        core.rlim_cur = core.rlim_max = 1;
        setrlimit(RLIMIT_CORE, &core);
    }
}

int __wrap_main(int argc, char **argv)
{
    forbid_core_files();

    /* Beyond a limit on the size of a file a write shall fail, and not end us with a code that no client expects. */
    signal(SIGXFSZ, SIG_IGN);

    struct rlimit space;
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur < least_address_space) {
        return refuse(argc, argv);
    }

    forget_settings_of_the_runtime();
    int code = __real_main(argc, argv);
    return code == 0 || code == 1 ? code : refuse(argc, argv);
}
