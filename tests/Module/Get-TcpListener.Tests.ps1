. $PSScriptRoot/common.ps1

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
