. $PSScriptRoot/common.ps1

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
