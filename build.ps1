#requires -Version 7.6
<#
.SYNOPSIS
    Builds, tests, shows, measures and packages TcpTools.
.DESCRIPTION
    build.sh does the set-up that a task needs (Debian packages, the TUN device node) and then calls this script.
    Where all of that is in place, this script can be run by itself.
.PARAMETER Task
    Clean    removes everything that was built
    Build    builds the solution; the module is then usable from the source tree: Import-Module ./TcpTools.psd1
    Test     builds, then runs the xunit and the Pester tests; the last line has the counts
    Demo     builds, then lets our stack fetch a page from a real server and shows every segment
    Bench    builds, then measures against the kernel's own TCP
    Docs     builds, then makes the help files in en-US from docs/en-US
    Package  builds, then lays out output/TcpTools/<version> in the shape of the source tree
.PARAMETER Configuration
    Release, which is what the tests and the package use, or Debug.
.EXAMPLE
    ./build.ps1 -Task Test
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Clean', 'Build', 'Test', 'Demo', 'Bench', 'Docs', 'Package')]
    [string] $Task = 'Build',

    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release'
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'Ignore'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'
$env:DOTNET_CLI_UI_LANGUAGE = 'en'
# A build server that lives on would keep our output's pipe open, and whoever reads it waiting.
$env:MSBUILDDISABLENODEREUSE = '1'
$env:DOTNET_CLI_USE_MSBUILD_SERVER = '0'

$logs = Join-Path $PSScriptRoot 'output/logs'
$coreTests = 'tests/TcpTools.Core.Tests'
Set-Location $PSScriptRoot

function Say([string] $Text) { Write-Host "build: $Text" }

# PowerShell as a command of its own: a loaded module cannot be unloaded, so whatever imports ours runs in a child.
# As a .NET tool, PowerShell is a dll that the dotnet host runs.
$childPowerShell = if (Test-Path "$PSHOME/pwsh") { , "$PSHOME/pwsh" } else { 'dotnet', "$PSHOME/pwsh.dll" }
function Invoke-ChildPowerShell([string] $File, [string[]] $Arguments = @()) {
    $command, $prefix = $childPowerShell
    & $command @prefix -NoProfile -NonInteractive -File $File @Arguments
}

# Runs dotnet, quiet unless it fails.
function Invoke-Dotnet([string] $Name, [string[]] $Arguments, [switch] $MayFail) {
    $null = New-Item -ItemType Directory -Force $logs
    $log = Join-Path $logs "$Name.log"
    & dotnet @Arguments *> $log
    if ($LASTEXITCODE -eq 0) { return $true }
    if ($MayFail) { return $false }
    $lines = Get-Content $log
    $errors = @($lines -match '(error|warning) [A-Z]+[0-9]+' | Sort-Object -Unique | Select-Object -First 40)
    if (-not $errors) { $errors = $lines | Select-Object -Last 40 }
    $errors | ForEach-Object { [Console]::Error.WriteLine($_) }
    [Console]::Error.WriteLine("build: dotnet $Name failed ($log)")
    exit 1
}

function Invoke-Build {
    # A feed that cannot be reached does no harm as long as every package is in the local cache.
    if (-not (Invoke-Dotnet restore @('restore', 'TcpTools.slnx') -MayFail)) {
        $null = Invoke-Dotnet restore @('restore', 'TcpTools.slnx', '--ignore-failed-sources')
    }
    $null = Invoke-Dotnet build @('build', 'TcpTools.slnx', '-c', $Configuration, '--no-restore', '-v', 'q')
    Say 'built module/bin/TcpTools.dll'
}

# The bridge to SharpPcap and PacketDotNet: built where a package source has the two, left out where none has.
function Invoke-BridgeBuild {
    $project = 'src/TcpTools.SharpPcap'
    $null = New-Item -ItemType Directory -Force $logs
    $env:NUGET_ENHANCED_MAX_NETWORK_TRY_COUNT = '1'
    & timeout 60 dotnet restore $project *> "$logs/bridge.log"
    if ($LASTEXITCODE -eq 0) {
        $null = Invoke-Dotnet bridge @('build', $project, '-c', $Configuration, '--no-restore', '-v', 'q')
        Say 'built module/bin/SharpPcap/TcpTools.SharpPcap.dll'
    }
    else {
        Remove-Item module/bin/SharpPcap -Recurse -Force -ErrorAction Ignore
        Say 'left out the bridge to SharpPcap and PacketDotNet: no package source has them (TCPTOOLS_PACKAGE_SOURCE may name one)'
    }
}

function Test-NetworkRights {
    if ((id -u) -ne 0 -or -not (Get-Command ip -CommandType Application -ErrorAction Ignore)) { return $false }
    unshare --net true 2>$null
    if ($LASTEXITCODE -ne 0) { return $false }
    try { [System.IO.File]::Open('/dev/net/tun', 'Open', 'ReadWrite').Dispose() } catch { return $false }
    return $true
}

function Invoke-CoreTests {
    $counts = @{ Passed = 0; Failed = 0; Skipped = 0 }
    $results = Join-Path $logs 'xunit.trx'
    Remove-Item $results -ErrorAction Ignore
    $common = $coreTests, '-c', $Configuration, '--no-build', '--nologo'
    $filter = @()
    if (-not (Test-NetworkRights)) {
        $filter = '--filter', 'Category!=Root'
        $counts.Skipped = @(dotnet test @common --list-tests --filter Category=Root 2>$null | Where-Object { $_ -match '^    ' }).Count
        Say "skipped: $($counts.Skipped) tests that need root, network namespaces and /dev/net/tun"
    }

    dotnet test @common @filter --logger 'console;verbosity=minimal' --logger "trx;LogFileName=$results" `
        --blame-hang-timeout 15m --blame-hang-dump-type none |
        Where-Object { $_ -and $_ -notmatch '^(Data collector|Test run for|A total of|Results File)' } | Out-Host
    $status = $LASTEXITCODE
    if (Test-Path $results) {
        $runs = @(([xml](Get-Content -Raw $results)).SelectNodes("//*[local-name() = 'UnitTestResult']"))
        $counts.Passed = @($runs | Where-Object outcome -EQ Passed).Count
        $counts.Failed = @($runs | Where-Object outcome -EQ Failed).Count
        foreach ($run in $runs | Where-Object outcome -EQ NotExecuted) {
            $counts.Skipped++
            Say "skipped: $($run.testName): $($run.Output.ErrorInfo.Message)"
        }
    }
    if ($status -ne 0 -and $counts.Failed -eq 0) {
        Say "the test run itself broke off (exit code $status)"
        $counts.Failed = 1
    }
    return $counts
}

function Invoke-PesterTests {
    $counts = @{ Passed = 0; Failed = 0; Skipped = 0 }
    $suites = @(Get-ChildItem tests/Module -Filter *.Tests.ps1 -Recurse -ErrorAction Ignore).Count
    if ($suites -eq 0) { return $counts }
    if (-not (Get-Module Pester -ListAvailable | Where-Object { $_.Version -ge [version] '5.0' })) {
        Say "skipped: $suites Pester suites (no Pester 5 or later: Install-PSResource Pester)"
        $counts.Skipped = $suites
        return $counts
    }

    $last = ''
    Invoke-ChildPowerShell tests/Module/Invoke-ModuleTests.ps1 | ForEach-Object { $last = "$_"; Write-Host $last }
    $status = $LASTEXITCODE
    if ($last -match '^(\d+) passed, (\d+) failed, (\d+) skipped$') {
        $counts.Passed, $counts.Failed, $counts.Skipped = [int] $Matches[1], [int] $Matches[2], [int] $Matches[3]
    }
    else {
        $status = [Math]::Max($status, 1)
    }
    if ($status -ne 0 -and $counts.Failed -eq 0) {
        Say "the Pester run itself broke off (exit code $status)"
        $counts.Failed = 1
    }
    return $counts
}

function Invoke-Test {
    $core = Invoke-CoreTests
    $module = Invoke-PesterTests
    $passed, $failed, $skipped = 'Passed', 'Failed', 'Skipped' | ForEach-Object { $core.$_ + $module.$_ }
    Write-Host "$passed passed, $failed failed, $skipped skipped"
    if ($failed -ne 0) { exit 1 }
}

function Invoke-Docs {
    & dotnet "src/TcpTools.HelpBuilder/bin/$Configuration/net10.0/TcpTools.HelpBuilder.dll" module/bin/TcpTools.dll docs/en-US en-US |
        ForEach-Object { Say $_ }
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

function Invoke-Package {
    $version = (Import-PowerShellDataFile TcpTools.psd1).ModuleVersion
    $target = "output/TcpTools/$version"
    Remove-Item $target -Recurse -Force -ErrorAction Ignore
    $null = New-Item -ItemType Directory -Force "$target/module/bin"
    Copy-Item TcpTools.psd1, LICENSE, README.md $target
    Get-ChildItem module -File | Copy-Item -Destination "$target/module"
    Get-ChildItem module/bin -File | Where-Object Extension -In .dll, .pdb | Copy-Item -Destination "$target/module/bin"
    if (Test-Path module/bin/SharpPcap) {
        $null = New-Item -ItemType Directory "$target/module/bin/SharpPcap"
        Copy-Item module/bin/SharpPcap/*.dll "$target/module/bin/SharpPcap"
    }
    if (Test-Path en-US) { Copy-Item en-US $target -Recurse }
    Say "packaged $target"
}

switch ($Task) {
    Clean {
        Remove-Item output, module/bin, en-US -Recurse -Force -ErrorAction Ignore
        Get-ChildItem src, tests -Directory -Recurse | Where-Object Name -In bin, obj |
            ForEach-Object { Remove-Item $_.FullName -Recurse -Force -ErrorAction Ignore }
    }
    Build { Invoke-Build; Invoke-BridgeBuild; Invoke-Docs }
    Test { Invoke-Build; Invoke-BridgeBuild; Invoke-Docs; Invoke-Test }
    Demo {
        Invoke-Build
        Invoke-ChildPowerShell src/TcpTools.Demo/demo.ps1
        exit $LASTEXITCODE
    }
    Bench {
        Invoke-Build
        $command, $prefix = $childPowerShell
        $env:TCPTOOLS_POWERSHELL = $childPowerShell -join ' '
        dotnet "tests/Benchmarks/bin/$Configuration/net10.0/TcpTools.Benchmarks.dll"
        exit $LASTEXITCODE
    }
    Docs { Invoke-Build; Invoke-Docs }
    Package { Invoke-Build; Invoke-BridgeBuild; Invoke-Docs; Invoke-Package }
}
