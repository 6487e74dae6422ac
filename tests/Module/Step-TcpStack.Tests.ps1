. $PSScriptRoot/common.ps1

Describe 'Step-TcpStack' {
    AfterEach { Remove-TestStack }

    It 'walks through a handshake one event at a time' {
        $wire = New-PacketWire
        $a = Start-TcpStack 10.2.0.1/24 -Link $wire.A -Manual -Name a
        $b = Start-TcpStack 10.2.0.2/24 -Link $wire.B -Manual -Name b
        $listener = Start-TcpListener 80 -Stack b
        $session = Open-TcpSession 10.2.0.2 80 -Stack a
        $session.State | Should -Be SynSent
        (Step-TcpStack b).Events.Summary -join "`n" | Should -Match 'SynReceived'
        $session.State | Should -Be SynSent
        $null = $a | Step-TcpStack
        $session.State | Should -Be Established
        $listener.Pending | Should -Be 0
        $null = Step-TcpStack b
        ($listener | Receive-TcpSession).State | Should -Be Established
    }

    It 'does all there is with -All' {
        $wire = New-PacketWire
        $a = Start-TcpStack 10.2.0.1/24 -Link $wire.A -Manual -Name a
        $b = Start-TcpStack 10.2.0.2/24 -Link $wire.B -Manual -Name b
        $listener = Start-TcpListener 80 -Stack b
        $sessions = 1..3 | ForEach-Object { Open-TcpSession 10.2.0.2 80 -Stack a }
        @(Step-TcpStack b -All).Count | Should -Be 3
        @(Step-TcpStack a -All).Count | Should -Be 3
        $sessions.State | Should -Be Established, Established, Established
    }

    It 'lets simulated time pass' {
        $pair = New-TestPair
        $before = $pair.Client.Now
        $null = Step-TcpStack client -Duration 1.5s
        ($pair.Client.Now - $before).TotalSeconds | Should -Be 1.5
        $null = Step-TcpStack client -Duration ([timespan]::FromHours(3))
        ($pair.Client.Now - $before).TotalSeconds | Should -Be 10801.5
    }

    It 'reports InvalidArgument for a stack that others move' {
        $pair = New-TestPair
        Get-ErrorId { Step-TcpStack client } | Should -Be InvalidArgument
        $threaded = Start-TcpStack -Link (New-PacketWire).A
        Get-ErrorId { Step-TcpStack $threaded -Duration 1s } | Should -Be InvalidArgument
        Get-ErrorId { Step-TcpStack $threaded } | Should -Be InvalidArgument
    }

    It 'does not wait for a manual stack' {
        $stack = Start-TcpStack 10.2.0.1/24 -Link (New-PacketWire).A -Manual
        $session = Open-TcpSession 10.2.0.2 80
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        Get-ErrorId { $session | Receive-TcpData } | Should -Be TimedOut
        Get-ErrorId { $session | Wait-TcpSession Established } | Should -Be TimedOut
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 5
    }
}
