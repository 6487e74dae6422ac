. $PSScriptRoot/common.ps1

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
