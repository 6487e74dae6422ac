# What the benchmark asks of our own cmdlets: pipeline.ps1 OPERATION SECONDS [ARGUMENT] prints one number, a rate per second.
param(
    [Parameter(Mandatory)] [string] $Operation, [Parameter(Mandatory)] [double] $Seconds, [string] $Argument, [string] $Filter)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$ErrorView = 'CategoryView'
$PSStyle.OutputRendering = 'PlainText'
Import-Module "$PSScriptRoot/../../TcpTools.psd1"

# Does the work, which gives how much of it was done, again and again for so many seconds.
function Measure-Rate([scriptblock] $Work) {
    $null = & $Work
    $done = 0.0
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    do { $done += & $Work } while ($watch.Elapsed.TotalSeconds -lt $Seconds)
    $done / $watch.Elapsed.TotalSeconds
}

function New-Sample { New-EthernetFrame 02:00:00:00:00:02 02:00:00:00:00:01 | New-IPPacket 10.9.0.2 10.9.0.1 }
$options = 'mss 1460', 'sackOK', 'TS val 1 ecr 2', 'nop', 'wscale 7'
$data = [byte[]]::new(512)
$count = 20000

$result = switch ($Operation) {
    build {
        $outer = New-Sample
        Measure-Rate { $outer | New-TcpSegment 80 (1..$count) -Flags PA -Option $options -Data $data | Out-Null; $count }
    }
    parse {
        $bytes = New-Sample | New-TcpSegment 80 40000 -Flags PA -Option $options -Data $data | ConvertTo-PacketBytes
        $list = [System.Collections.Generic.List[object]]::new()
        for ($i = 0; $i -lt $count; $i++) { $list.Add($bytes) }
        Measure-Rate { $list | ConvertFrom-PacketBytes -Start Ethernet | Out-Null; $count }
    }
    import {
        $packets = (Import-PacketCapture $Argument | Measure-Object).Count
        Measure-Rate { Import-PacketCapture $Argument | Out-Null; $packets }
    }
    import-memory {
        Import-PacketCapture $Argument | Out-Null
        $line = Get-Content /proc/self/status | Where-Object { $_ -like 'VmHWM:*' }
        [double] ($line -replace '\D') / 1024
    }
    streams {
        Measure-Rate {
            (Get-TcpStream $Argument | ForEach-Object { $_.ClientSide.Bytes + $_.ServerSide.Bytes } | Measure-Object -Sum).Sum / 1e6
        }
    }
    send {
        $outer = New-Sample
        Measure-Rate { $outer | New-TcpSegment 80 (1..$count) -Flags PA -Option $options -Data $data | Send-RawPacket -Link $Argument; $count }
    }
    send-each {
        $one = New-Sample | New-TcpSegment 80 40000 -Flags PA -Option $options -Data $data
        Measure-Rate { for ($i = 0; $i -lt 500; $i++) { Send-RawPacket $one -Link $Argument }; 500 }
    }
    exchange {
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $answered = @(New-IPPacket $Argument | New-TcpSegment (1..1000) -Flags Syn | Invoke-PacketExchange -TimeoutSec 2 | Where-Object Answered)
        $answered.Count / $watch.Elapsed.TotalSeconds
    }
    exchange-each {
        $echo = New-IPPacket $Argument | New-IcmpMessage
        Measure-Rate { for ($i = 0; $i -lt 100; $i++) { $null = $echo | Invoke-PacketExchange -First -TimeoutSec 2 }; 100 }
    }
    flood {
        # For this one, the seconds are the rate.
        New-EthernetFrame ff:ff:ff:ff:ff:ff 02:00:00:00:00:01 | New-IPPacket 10.8.0.1 10.8.0.2 | New-UdpDatagram 9 9 -Data ('x' * 456) |
            Send-RawPacket -Link $Argument -Count 100000 -Rate $Seconds
        0.0
    }
    sniff {
        [Console]::Out.WriteLine('ready')
        $how = $Filter ? @{ Filter = $Filter } : @{}
        (Receive-RawPacket $Argument -All -TimeoutSec 3 @how | Where-Object Udp | Measure-Object).Count
    }
    default { throw "unknown operation $Operation" }
}

([double] $result).ToString('F3', [cultureinfo]::InvariantCulture)
