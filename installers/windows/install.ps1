<#
.SYNOPSIS
    Installs ark for the user who runs it, without elevation, and takes it away again with -Uninstall.
.DESCRIPTION
    Copies docker-credential-ark.exe, arkd.exe and ark.exe (also as ark-catalog-container-tool.exe) to %LOCALAPPDATA%\Programs\ark, puts that folder on the user's PATH and
    registers a task that starts the daemon at logon with this user's own limited rights. Run it again to upgrade.
    Works with Windows PowerShell 5.1 and later.
.PARAMETER From
    Where the executables are. Default: beside this script, else what scripts/publish made.
.PARAMETER Prefix
    The folder to install to.
.PARAMETER Uninstall
    Undoes `ark setup`, stops the daemon, removes what was installed and nothing else.
.EXAMPLE
    .\install.ps1
.EXAMPLE
    .\install.ps1 -Uninstall -WhatIf
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [string] $From,
    [string] $Prefix = (Join-Path $env:LOCALAPPDATA 'Programs\ark'),
    [switch] $Uninstall
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$programs = 'docker-credential-ark.exe', 'arkd.exe', 'ark.exe'
# Under this name ark behaves as the catalog's own tool. A copy, since links need a privilege or follow no upgrade.
$catalogTool = 'ark-catalog-container-tool.exe'
$taskName = 'ark credential daemon'
$state = Join-Path $env:LOCALAPPDATA 'ark'
$Prefix = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Prefix).TrimEnd('\')

function Stop-WithError([string] $Message, [string] $Hint) {
    [Console]::Error.WriteLine("ark: error: $Message")
    if ($Hint) { [Console]::Error.WriteLine("ark: hint: $Hint") }
    exit 1
}

function Find-Executables {
    $folders = @($From)
    if (-not $From) {
        $architecture = if ($env:PROCESSOR_ARCHITECTURE -eq 'ARM64') { 'arm64' } else { 'x64' }
        $folders = $PSScriptRoot, (Join-Path $PSScriptRoot "..\..\artifacts\publish\win-$architecture")
    }

    foreach ($folder in $folders) {
        $missing = @($programs | Where-Object { -not (Test-Path -LiteralPath (Join-Path $folder $_) -PathType Leaf) })
        if ($missing.Count -eq 0) { return $folder }
    }

    Stop-WithError 'the executables to install were not found' 'run scripts/publish first, or name their folder with -From'
}

# The PATH in the registry is read and written raw: entries such as %USERPROFILE%\bin must stay as they were written, and setx would
# cut everything after 1,024 characters.
function Update-UserPath([scriptblock] $Change) {
    $key = [Microsoft.Win32.Registry]::CurrentUser.OpenSubKey('Environment', $true)
    try {
        $raw = [string] $key.GetValue('Path', '', [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
        $kind = [Microsoft.Win32.RegistryValueKind]::ExpandString
        if ($key.GetValueNames() -contains 'Path') { $kind = $key.GetValueKind('Path') }
        $entries = [string[]] @($raw -split ';')
        $changed = @(& $Change $entries) -join ';'
        if ($changed -ceq $raw) { return $false }
        if ($changed) { $key.SetValue('Path', $changed, $kind) } else { $key.DeleteValue('Path', $false) }
    }
    finally {
        $key.Dispose()
    }

    Publish-EnvironmentChange
    return $true
}

# Tells Explorer, so that new terminals see the PATH without logging off.
function Publish-EnvironmentChange {
    if (-not ('Ark.Environment' -as [type])) {
        Add-Type -Namespace Ark -Name Environment -MemberDefinition @'
[System.Runtime.InteropServices.DllImport("user32.dll", CharSet = System.Runtime.InteropServices.CharSet.Unicode)]
public static extern System.IntPtr SendMessageTimeoutW(
    System.IntPtr window, uint message, System.UIntPtr wide, string text, uint flags, uint timeout, out System.UIntPtr result);
'@
    }

    $broadcast = [IntPtr] 0xffff
    $settingChange = 0x1A
    $abortIfHung = 2
    $result = [UIntPtr]::Zero
    [void] [Ark.Environment]::SendMessageTimeoutW($broadcast, $settingChange, [UIntPtr]::Zero, 'Environment', $abortIfHung, 5000, [ref] $result)
}

function Test-SameFolder([string] $Entry) {
    [Environment]::ExpandEnvironmentVariables($Entry).Trim('"').TrimEnd('\') -eq $Prefix
}

# A running executable cannot be overwritten on Windows, but it can give up its name. Replace hands the name over in one step, so that
# docker always finds a helper; where the file system cannot do that, the old program comes back if the new one does not get there.
function Copy-Program([string] $Source, [string] $Destination) {
    $new = "$Destination.$([Guid]::NewGuid().ToString('N')).new"
    $old = "$Destination.$([Guid]::NewGuid().ToString('N')).old"
    try {
        Copy-Item -LiteralPath $Source -Destination $new
        if (-not (Test-Path -LiteralPath $Destination)) {
            Move-Item -LiteralPath $new -Destination $Destination
            return
        }

        try {
            [IO.File]::Replace($new, $Destination, $old, $true)
        }
        catch [IO.IOException], [PlatformNotSupportedException] {
            if (-not (Test-Path -LiteralPath $old)) { Move-Item -LiteralPath $Destination -Destination $old }
            try {
                Move-Item -LiteralPath $new -Destination $Destination
            }
            catch {
                Move-Item -LiteralPath $old -Destination $Destination
                throw
            }
        }
    }
    finally {
        if (Test-Path -LiteralPath $new) { Remove-Item -LiteralPath $new -Force }
    }
}

function Remove-OldPrograms {
    foreach ($program in $programs + $catalogTool) {
        Get-ChildItem -LiteralPath $Prefix -Filter "$program.*.old" -ErrorAction SilentlyContinue |
            Remove-Item -Force -ErrorAction SilentlyContinue
    }
}

function Stop-Daemon {
    $ark = Join-Path $Prefix 'ark.exe'
    # With 'Stop', Windows PowerShell takes a line on stderr that is redirected for a failure.
    $ErrorActionPreference = 'Continue'
    if (Test-Path -LiteralPath $ark) { & $ark daemon stop *> $null }
}

function Register-LogonTask {
    $me = [Security.Principal.WindowsIdentity]::GetCurrent().Name
    # Through ark, which starts the daemon without a window; arkd itself would show a console for as long as it runs.
    $action = New-ScheduledTaskAction -Execute (Join-Path $Prefix 'ark.exe') -Argument 'daemon start' -WorkingDirectory $Prefix
    $trigger = New-ScheduledTaskTrigger -AtLogOn -User $me
    $principal = New-ScheduledTaskPrincipal -UserId $me -LogonType Interactive -RunLevel Limited
    # The defaults would end it after three days, and on a laptop as soon as the plug is pulled.
    $settings = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries `
        -ExecutionTimeLimit ([TimeSpan]::Zero) -MultipleInstances IgnoreNew -Hidden
    [void] (Register-ScheduledTask -TaskName $taskName -Action $action -Trigger $trigger -Principal $principal -Settings $settings `
        -Description 'Keeps tokens of container registries fresh for docker-credential-ark.' -Force)
}

function Install-Ark {
    $source = Find-Executables
    if (-not $PSCmdlet.ShouldProcess($Prefix, 'Install docker-credential-ark, arkd and ark')) { return }

    [void] (New-Item -ItemType Directory -Path $Prefix -Force)
    # An old daemon must not answer for the new one; whoever asks next starts the new one.
    Stop-Daemon
    foreach ($program in $programs) { Copy-Program (Join-Path $source $program) (Join-Path $Prefix $program) }
    Copy-Program (Join-Path $source 'ark.exe') (Join-Path $Prefix $catalogTool)
    Remove-OldPrograms

    $added = Update-UserPath {
        param([string[]] $entries)
        if (@($entries | Where-Object { $_ -and (Test-SameFolder $_) }).Count -gt 0) { return $entries }
        # A PATH that ends in a semicolon, or is empty, ends in an empty entry.
        if ($entries[-1]) { return $entries + $Prefix }
        $entries[-1] = $Prefix
        $entries
    }

    try {
        Register-LogonTask
        Write-Output 'The daemon starts when you log on.'
    }
    catch {
        # Some organizations forbid tasks of one's own. Nothing is lost.
        Write-Output "No logon task could be registered ($($_.Exception.Message)); the helper starts the daemon itself."
    }

    Write-Output "Installed docker-credential-ark, arkd and ark to $Prefix."
    if ($added) { Write-Output 'That folder is on your PATH now; open a new terminal to see it.' }
    Write-Output 'Next: ark setup --host <account>.dkr.ecr.<region>.amazonaws.com'
}

function Uninstall-Ark {
    $ark = Join-Path $Prefix 'ark.exe'
    if (-not $PSCmdlet.ShouldProcess($Prefix, 'Remove docker-credential-ark, arkd and ark')) { return }

    # Before the helper goes, docker must no longer ask for it.
    if ((Test-Path -LiteralPath (Join-Path $state 'setup.json')) -and (Test-Path -LiteralPath $ark)) {
        & $ark setup --undo
        if ($LASTEXITCODE -ne 0) {
            Stop-WithError '`ark setup --undo` failed, so nothing was removed' 'do what it says and run this again'
        }
        if (Test-Path -LiteralPath (Join-Path $state 'setup.json')) {
            Stop-WithError 'docker still asks for ark in another folder (see "also set up" above), so nothing was removed' 'for each of them: set DOCKER_CONFIG to its folder, run ark setup --undo, then this again'
        }
    }

    Stop-Daemon
    if (Get-ScheduledTask -TaskName $taskName -ErrorAction SilentlyContinue) {
        Unregister-ScheduledTask -TaskName $taskName -Confirm:$false
    }

    [void] (Update-UserPath {
        param([string[]] $entries)
        $entries | Where-Object { -not ($_ -and (Test-SameFolder $_)) }
    })

    foreach ($program in $programs + $catalogTool) {
        $path = Join-Path $Prefix $program
        if (Test-Path -LiteralPath $path) { Remove-Item -LiteralPath $path -Force }
    }

    Remove-OldPrograms
    if (Test-Path -LiteralPath $state) { Remove-Item -LiteralPath $state -Recurse -Force }
    # Only when nothing of anybody else is in it.
    if ((Test-Path -LiteralPath $Prefix) -and @(Get-ChildItem -LiteralPath $Prefix -Force).Count -eq 0) {
        Remove-Item -LiteralPath $Prefix
    }

    Write-Output "Removed ark. Your configuration ($env:APPDATA\ark\config.json) stays."
}

if ($env:OS -ne 'Windows_NT') { Stop-WithError 'this installer is for Windows' 'see installers/linux and installers/macos' }
if ($Uninstall) { Uninstall-Ark } else { Install-Ark }
