. $PSScriptRoot/common.ps1

Describe 'Watch-TcpStream and Reset-TcpConnection' {
    AfterEach { Remove-TestStack }

    It 'follows a session of threads that run, both directions' {
        $pair = New-TestPair -Threaded
        $listener = Start-TcpListener 80 -Stack $pair.Server
        $shell = New-TestShell 'param($stack) Watch-TcpStream -Stack $stack -TimeoutSec 20 | Select-Object -First 4' $pair.Client
        $run = $shell.BeginInvoke()
        # Sessions until one has been watched from its start to its end: nobody tells when the watching begins.
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        do {
            $near = Open-TcpSession $pair.Address 80 -Stack $pair.Client
            $far = $listener | Receive-TcpSession
            $near | Send-TcpData ping -Line
            $null = $far | Receive-TcpData -Line
            $far | Send-TcpData pong -Line
            $null = $near | Receive-TcpData -Line
            $near, $far | Close-TcpSession
        } until ($run.AsyncWaitHandle.WaitOne(50) -or $clock.Elapsed.TotalSeconds -gt 20)
        $run.IsCompleted | Should -BeTrue
        $events = $shell.EndInvoke($run)
        $events.Kind[0..3] | Should -Be Opened, Data, Data, Finished
        $events.Text[1..2].Trim() | Should -Be ping, pong
        $events[1].Direction, $events[2].Direction | Should -Be FromClient, FromServer
        $shell.Dispose()
    }

    It 'watches the end of a wire, by a filter' {
        $wire = New-PacketWire
        80, 81 | ForEach-Object { New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment $_ 40000 -Flags PA -Sequence 1 -Acknowledgment 1 -Data "to $_" } | Send-RawPacket -Link $wire.A
        $lines = Watch-TcpStream $wire.B -Midstream -As Lines -Filter 'port 81' -TimeoutSec 0.3
        $lines.Text | Should -Be 'to 81'
        "$($lines.Source)" | Should -Be 10.0.0.1:40000
    }

    It 'tells scans' {
        $wire = New-PacketWire
        1..11 | ForEach-Object { New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment $_ 40000 -Flags S } | Send-RawPacket -Link $wire.A
        $scan = Watch-TcpStream $wire.B -TimeoutSec 0.3 | Where-Object Kind -EQ Scan
        $scan.Anomaly.Targets.Port | Should -Be (1..11)
        "$($scan.Source.Address)" | Should -Be 10.0.0.1
    }

    It 'ends within 100 ms by Ctrl+C' {
        $wire = New-PacketWire
        Measure-Stop 'param($link) Watch-TcpStream $link' $wire.B | Should -BeLessThan 100
        Measure-Stop 'param($link) Reset-TcpConnection -Source 10.0.0.1:1 -Destination 10.0.0.2:2 -Link $link' $wire.B | Should -BeLessThan 100
    }

    It 'makes four resets that end the connection on both sides' {
        $wire = New-PacketWire
        New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 40000 -Flags PA -Sequence 100 -Acknowledgment 500 -Data hello | Send-RawPacket -Link $wire.A
        $event = Watch-TcpStream $wire.B -Midstream -TimeoutSec 0.3 | Where-Object Text -EQ hello
        $resets = $event | Reset-TcpConnection -Link $wire.B -PassThru
        $resets.Tcp.Sequence | Should -Be 105, 106, 500, (500 + 8192 / 2)
        "$($resets[0].IP.Source) $($resets[2].IP.Source)" | Should -Be '10.0.0.1 10.0.0.2'
        $resets.Tcp.Flags | Should -Be (, [TcpTools.Wire.TcpFlags] 'Rst, Ack' * 4)
        (Receive-RawPacket $wire.A -Count 4).Tcp.Sequence | Should -Be $resets.Tcp.Sequence
        $event | Reset-TcpConnection -Link $wire.B -WhatIf
        Receive-RawPacket $wire.A -All -TimeoutSec 0 | Should -BeNullOrEmpty
    }

    It 'resets a session of two stacks, seen by a packet of it' {
        $session = New-TestSession -Threaded
        $packet = New-IPPacket $session.Near.RemoteAddress $session.Near.LocalAddress |
            New-TcpSegment 80 $session.Near.LocalPort -Flags A -Sequence $session.Far.Info.ReceiveNext.Value -Acknowledgment $session.Near.Info.ReceiveNext.Value
        $packet | Reset-TcpConnection -Stack client
        $session.Far | Wait-TcpSession -State Closed -TimeoutSec 5
        $session.Far.CloseReason | Should -Be ResetByPeer
    }

    It 'finds the numbers of a connection by its addresses' {
        $wire = New-PacketWire
        New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 40000 -Flags A -Sequence 100 -Acknowledgment 500 | Send-RawPacket -Link $wire.A
        (Reset-TcpConnection -Source 10.0.0.2:80 -Destination 10.0.0.1:40000 -Link $wire.B -PassThru).Count | Should -Be 4
        Get-ErrorId { Reset-TcpConnection -Source 10.0.0.2:80 -Destination 10.0.0.1:40001 -Link $wire.B -TimeoutSec 0.1 } | Should -Be TimedOut
        Get-ErrorId { Reset-TcpConnection -Source 10.0.0.2 -Destination 10.0.0.1:40001 -Link $wire.B } | Should -Be ParameterArgumentTransformationError
        Get-ErrorId { Reset-TcpConnection 'nonsense' -Link $wire.B } | Should -Be ParameterArgumentTransformationError
    }
}
