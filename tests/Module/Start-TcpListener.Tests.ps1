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
