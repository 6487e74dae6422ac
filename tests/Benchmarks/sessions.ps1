#requires -Version 7.6
<#
.SYNOPSIS
    What sessions and forwarders cost, beside the kernel's sockets in the same run: megabytes per second through a forwarder, and
    requests per second of Invoke-TcpRequest. Each figure is the best of some turns.
.EXAMPLE
    tests/Benchmarks/sessions.ps1 3
#>
param([int] $Turns = 3, [int] $Megabytes = 200, [int] $Requests = 2000)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/../../TcpTools.psd1"
$limit = [timespan]::FromSeconds(60)
$data = [byte[]]::new($Megabytes * 1MB)

# Seconds until a reader on another thread has all that a writer sends.
function Measure-Transfer($Writer, $Reader) {
    $left = $data.Length
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $job = Start-ThreadJob {
        $buffer = [byte[]]::new(1MB)
        $left = $using:left
        $reader = $using:Reader
        while ($left -gt 0) { $left -= $reader.ReadSome($buffer, $using:limit) }
    }
    $Writer.WriteAll($data, $limit)
    $job | Receive-Job -Wait
    $clock.Elapsed.TotalSeconds
    $job | Remove-Job
}

# Requests per second with a peer that answers each line with itself.
function Measure-Request($Client, $Server) {
    $stream = $Server.AsStream()
    $copy = $stream.CopyToAsync($stream)
    $Client.NoDelay = $Server.NoDelay = $true
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    for ($i = 0; $i -lt $Requests; $i++) { $null = $Client | Invoke-TcpRequest 'a line of text' -As Line }
    $Requests / $clock.Elapsed.TotalSeconds
    $Client.Abort()
    try { $copy.Wait() } catch { }
}

function Show([string] $Name, [double[]] $Values, [string] $Unit) {
    [pscustomobject] @{ What = $Name; Best = [math]::Round(($Values | Measure-Object -Maximum).Maximum); Unit = $Unit }
}

$wire = New-PacketWire
$client = Start-TcpStack 10.7.0.1/24 -Link $wire.A -Name client -Default
$server = Start-TcpStack 10.7.0.2/24 -Link $wire.B -Name server
$far = Start-TcpListener 80 -Stack $server
$near = [TcpTools.Sockets.KernelListener]::Listen('127.0.0.1', 0)
$byKernel = Start-TcpForwarder 0 127.0.0.1 $near.Port -Kernel
$byStack = Start-TcpForwarder 0 10.7.0.2 80
$hooked = Start-TcpForwarder 0 127.0.0.1 $near.Port -Kernel -OnData { }
$ways = [ordered] @{
    'kernel sessions, direct'         = { (Open-TcpSession 127.0.0.1 $near.Port -Kernel), $near.Accept($limit) }
    'forwarded by the kernel'         = { (Open-TcpSession 127.0.0.1 $byKernel.Port -Kernel), $near.Accept($limit) }
    'forwarded past an empty script'  = { (Open-TcpSession 127.0.0.1 $hooked.Port -Kernel), $near.Accept($limit) }
    'stacks on a wire, direct'        = { (Open-TcpSession 10.7.0.2 80), ($far | Receive-TcpSession) }
    'forwarded by a stack'            = { (Open-TcpSession 127.0.0.1 $byStack.Port -Kernel), ($far | Receive-TcpSession) }
}
foreach ($way in $ways.Keys) {
    $speeds = for ($i = 0; $i -lt $Turns; $i++) {
        $a, $b = & $ways[$way]
        $Megabytes / (Measure-Transfer $a $b)
        $a.Abort()
        $b.Abort()
    }
    Show $way $speeds 'MB/s'
    $rates = for ($i = 0; $i -lt $Turns; $i++) { $a, $b = & $ways[$way]; Measure-Request $a $b }
    Show $way $rates 'requests/s'
}
Get-TcpForwarder | Stop-TcpForwarder
$near.Dispose()
Get-TcpStack | Stop-TcpStack -Force
