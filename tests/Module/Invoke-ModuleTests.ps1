#requires -Version 7.6
<#
.SYNOPSIS
    Runs the module's Pester tests. A loaded assembly cannot be unloaded, so this is for a child process:
    pwsh -NoProfile -NonInteractive -File tests/Module/Invoke-ModuleTests.ps1
.DESCRIPTION
    The last line is "N passed, N failed, N skipped"; the exit code tells whether any failed.
.PARAMETER Path
    The test files; all by default.
.PARAMETER Verbosity
    How much Pester prints.
#>
[CmdletBinding()]
param(
    [string[]] $Path = $PSScriptRoot,
    [ValidateSet('None', 'Normal', 'Detailed', 'Diagnostic')] [string] $Verbosity = 'None'
)
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'Ignore'
Import-Module Pester -MinimumVersion 5.0
. "$PSScriptRoot/common.ps1"

$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = $Verbosity
if ($RootObstacle) {
    Write-Host "skipped: tests with the tag Root ($RootObstacle)"
}

$result = Invoke-Pester -Configuration $configuration
foreach ($test in $result.Failed) {
    Write-Host "FAILED  $($test.ExpandedPath)"
    foreach ($record in $test.ErrorRecord) {
        Write-Host "        $($record.Exception.Message -replace "`n", "`n        ")"
        Write-Host "        $(($record.ScriptStackTrace -split "`n")[0])"
    }
}
foreach ($container in $result.FailedContainers) {
    Write-Host "FAILED  $($container.Item): $($container.ErrorRecord)"
}
foreach ($block in $result.FailedBlocks) {
    Write-Host "FAILED  $($block.ExpandedPath): $($block.ErrorRecord)"
}
foreach ($test in $result.Skipped) {
    Write-Host "skipped $($test.ExpandedPath)"
}

$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
Write-Host "$($result.PassedCount) passed, $failed failed, $($result.SkippedCount) skipped"
exit ($failed -eq 0 ? 0 : 1)
