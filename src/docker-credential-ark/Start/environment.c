/*
 * Runs before the .NET runtime of the helper does, which would take its own settings from the caller's environment: with
 * DOTNET_DbgEnableMiniDump a static executable does not start at all, and a heap limit that was meant for somebody's service can
 * contradict the one that is built in here. The helper has no use for any of them.
 */
extern char **environ;

static int is_setting_of_the_runtime(const char *variable)
{
    const char *prefix = "DOTNET_";
    while (*prefix != '\0' && *variable == *prefix) {
        variable++;
        prefix++;
    }
    return *prefix == '\0';
}

__attribute__((constructor)) static void forget_settings_of_the_runtime(void)
{
    char **kept = environ;
    for (char **variable = environ; *variable != 0; variable++) {
        if (!is_setting_of_the_runtime(*variable)) {
            *kept++ = *variable;
        }
    }
    *kept = 0;
}
