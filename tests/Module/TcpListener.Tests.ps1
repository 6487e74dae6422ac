. $PSScriptRoot/common.ps1

Describe 'Start-TcpListener' {
    AfterEach { Remove-TestStack }

    It 'takes connections on a port, and on a free one' {
        $pair = New-TestPair
        $listener = Start-TcpListener 80 -Stack server -Backlog 3
        $listener.Port, $listener.Backlog, $listener.IsListening | Should -Be 80, 3, $true
        $free = Start-TcpListener 0 -Stack server
        $free.Port | Should -BeGreaterThan 0
        (Open-TcpSession $pair.Address $free.Port).State | Should -Be Established
    }

    It 'reports AddressInUse, NoRoute and NoStack' {
        Get-ErrorId { Start-TcpListener 80 } | Should -Be NoStack
        $null = New-TestPair
        $null = Start-TcpListener 80
        Get-ErrorId { Start-TcpListener 80 } | Should -Be AddressInUse
        Get-ErrorId { Start-TcpListener 81 -LocalAddress 192.0.2.1 } | Should -Be NoRoute
    }

    It 'gives its options to the connections' {
        $pair = New-TestPair
        $null = Start-TcpListener 80 -Stack server -Option @{ Timestamps = $false }
        (Open-TcpSession $pair.Address 80).Info.Timestamps | Should -BeFalse
    }
}

Describe 'Get-TcpListener' {
    AfterEach { Remove-TestStack }

    It 'lists by port, number and stack' {
        $null = New-TestPair
        $a = Start-TcpListener 80
        $b = Start-TcpListener 81 -Stack server
        (Get-TcpListener).Id | Should -Be $a.Id, $b.Id
        (Get-TcpListener 81).Id | Should -Be $b.Id
        (Get-TcpListener -Stack client).Id | Should -Be $a.Id
        (Get-TcpListener -Id $b.Id).Port | Should -Be 81
        Get-ErrorId { Get-TcpListener -Id 999999 } | Should -Be ListenerNotFound
        Get-Completion 'Get-TcpListener ' | Should -Contain 80
        Get-Completion 'Stop-TcpListener ' | Should -Contain "$($a.Id)"
    }
}

Describe 'Stop-TcpListener' {
    AfterEach { Remove-TestStack }

    It 'frees the port, resets who waits, and lets taken sessions live' {
        $pair = New-TestSession
        $waiting = Open-TcpSession $pair.Address 80
        $pair.Listener | Stop-TcpListener -PassThru | Should -Be $pair.Listener
        Get-ErrorId { $waiting | Receive-TcpData } | Should -Be ConnectionReset
        Get-ErrorId { Open-TcpSession $pair.Address 80 } | Should -Be ConnectionRefused
        $pair.Near | Send-TcpData alive
        $pair.Far | Receive-TcpData -AsString | Should -Be alive
        (Start-TcpListener 80 -Stack server).Port | Should -Be 80
    }
}

Describe 'Receive-TcpSession' {
    AfterEach { Remove-TestStack }

    It 'takes connections in their order, several at once' {
        $pair = New-TestPair
        $listener = Start-TcpListener 80 -Stack server
        $ports = 1..3 | ForEach-Object { (Open-TcpSession $pair.Address 80).LocalPort }
        ($listener | Receive-TcpSession -Count 3).RemotePort | Should -Be $ports
    }

    It 'finds the listener by port, or the only one' {
        $pair = New-TestPair
        $null = Start-TcpListener 80 -Stack server
        $session = Open-TcpSession $pair.Address 80
        (Receive-TcpSession).RemotePort | Should -Be $session.LocalPort
        $null = Start-TcpListener 81 -Stack server
        $session = Open-TcpSession $pair.Address 81
        (Receive-TcpSession -Port 81).RemotePort | Should -Be $session.LocalPort
        Get-ErrorId { Receive-TcpSession } | Should -Be AmbiguousListener
        Get-ErrorId { Receive-TcpSession -Port 99 } | Should -Be NoListener
    }

    It 'reports TimedOut when nobody comes' {
        $null = New-TestPair
        $listener = Start-TcpListener 80
        Get-ErrorId { $listener | Receive-TcpSession -TimeoutSec 3 } | Should -Be TimedOut
    }

    It 'ends within 100 ms by Ctrl+C, and the listener goes on' {
        $pair = New-TestPair -Threaded
        $listener = Start-TcpListener 80 -Stack server
        Measure-Stop 'param($l) Receive-TcpSession $l -TimeoutSec -1' $listener | Should -BeLessThan 100
        $session = Open-TcpSession $pair.Address 80
        ($listener | Receive-TcpSession).RemotePort | Should -Be $session.LocalPort
    }
}
