. $PSScriptRoot/common.ps1

Describe 'Get-TcpSession' {
    BeforeEach { $pair = New-TestSession }
    AfterEach { Remove-TestStack }

    It 'lists the sessions of all stacks, and filters them' {
        (Get-TcpSession).Count | Should -Be 2
        (Get-TcpSession -Stack server).Id | Should -Be $pair.Far.Id
        ($pair.Client | Get-TcpSession).Id | Should -Be $pair.Near.Id
        (Get-TcpSession -RemotePort 80).Id | Should -Be $pair.Near.Id
        (Get-TcpSession -LocalPort 80).Id | Should -Be $pair.Far.Id
        (Get-TcpSession -RemoteAddress 10.7.0.1).Id | Should -Be $pair.Far.Id
        (Get-TcpSession -State Established).Count | Should -Be 2
        Get-TcpSession -State SynSent | Should -BeNullOrEmpty
    }

    It 'finds by number, and reports SessionNotFound' {
        (Get-TcpSession $pair.Near.Id).LocalPort | Should -Be $pair.Near.LocalPort
        Get-ErrorId { Get-TcpSession 999999 } | Should -Be SessionNotFound
    }

    It 'pipes into Close-TcpSession, which changes the list meanwhile' {
        Get-TcpSession | Close-TcpSession -Abort
        Get-TcpSession | Should -BeNullOrEmpty
    }

    It 'completes numbers and states' {
        Get-Completion 'Get-TcpSession ' | Should -Contain "$($pair.Near.Id)"
        Get-Completion 'Get-TcpSession -State Est' | Should -Be Established
    }

    It 'survives Export-Clixml readably' {
        $path = Join-Path $TestDrive session.xml
        $pair.Near | Export-Clixml $path
        $copy = Import-Clixml $path
        "$($copy.RemoteAddress):$($copy.RemotePort)" | Should -Be 10.7.0.2:80
        $copy.StackName | Should -Be client
        $copy.State.ToString() | Should -Be Established
        (Get-Item $path).Length | Should -BeLessThan 20000
    }
}
