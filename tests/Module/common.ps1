#requires -Version 7.6
# Dot-sourced first by every test file: the built module, and what the tests share. Functions are global because Pester runs
# the top of a file only while it looks for tests.
Set-StrictMode -Version 3
Import-Module "$PSScriptRoot/../../TcpTools.psd1"

$global:ModuleManifest = (Resolve-Path "$PSScriptRoot/../../TcpTools.psd1").Path
$global:HelpSource = (Resolve-Path "$PSScriptRoot/../../docs/en-US").Path

# Two stacks on a wire; the client is the default. In simulated time unless -Threaded.
function global:New-TestPair([switch] $Threaded, [hashtable] $Wire = @{}, [hashtable] $Client = @{}, [hashtable] $Server = @{}) {
    $common = $Threaded ? @{} : @{ Virtual = $true }
    $line = New-PacketWire -Seed 1 @Wire
    $c = Start-TcpStack 10.7.0.1/24 -Link $line.A -Name client -Seed 11 -Default @common @Client
    $s = Start-TcpStack 10.7.0.2/24 -Link $line.B -Name server -Seed 12 @common @Server
    [pscustomobject]@{ Wire = $line; Client = $c; Server = $s; Address = '10.7.0.2' }
}

# The same with a session between them: Near is the client's end, Far the server's.
function global:New-TestSession([switch] $Threaded, [hashtable] $Wire = @{}, [int] $Port = 80) {
    $pair = New-TestPair -Threaded:$Threaded -Wire $Wire
    $listener = Start-TcpListener $Port -Stack $pair.Server
    $near = Open-TcpSession $pair.Address $Port -Stack $pair.Client
    $far = $listener | Receive-TcpSession
    $pair | Add-Member -PassThru -NotePropertyMembers @{ Listener = $listener; Near = $near; Far = $far }
}

function global:Remove-TestStack { Get-TcpStack | Stop-TcpStack -Force }

# The stable part of the id of the error that a script block ends with.
function global:Get-ErrorId([scriptblock] $Script) {
    $ErrorActionPreference = 'Stop'
    try { $null = & $Script } catch { return ($_.FullyQualifiedErrorId -split ',')[0] }
    'no error'
}

function global:Get-Completion([string] $Text) {
    [System.Management.Automation.CommandCompletion]::CompleteInput($Text, $Text.Length, $null).CompletionMatches.CompletionText
}

# A second shell in this process, with the module imported.
function global:New-TestShell([string] $Script, [object[]] $Arguments = @()) {
    $shell = [powershell]::Create()
    $shell.Runspace.Name = 'test'
    $null = $shell.AddCommand('Import-Module').AddParameter('Name', $global:ModuleManifest).Invoke()
    $shell.Commands.Clear()
    $null = $shell.AddScript($Script)
    foreach ($argument in $Arguments) { $null = $shell.AddArgument($argument) }
    $shell
}

# Starts a script that waits, presses Ctrl+C as a host does, and tells how many milliseconds that took: the least of a few
# tries, since the machine has other things to do as well.
function global:Measure-Stop([string] $Script, [object[]] $Arguments = @(), [int] $Tries = 3) {
    $best = [double]::MaxValue
    for ($i = 0; $i -lt $Tries; $i++) {
        $shell = New-TestShell $Script $Arguments
        try {
            $run = $shell.BeginInvoke()
            $run.AsyncWaitHandle.WaitOne(150) | Should -BeFalse -Because "'$Script' is to wait"
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $best = [math]::Min($best, $watch.Elapsed.TotalMilliseconds)
            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        }
        finally { $shell.Dispose() }
    }
    $best
}

$global:RootObstacle = if ((id -u) -ne 0) { 'not root' }
elseif (-not (Test-Path /dev/net/tun)) { 'no /dev/net/tun' }
elseif (-not (Get-Command ip -ErrorAction Ignore)) { 'no ip command' }
else { unshare --net true 2>$null; if ($LASTEXITCODE -ne 0) { 'no right to make network namespaces' } }
