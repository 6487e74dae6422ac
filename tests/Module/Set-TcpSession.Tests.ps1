. $PSScriptRoot/common.ps1

Describe 'Set-TcpSession' {
    AfterEach { Remove-TestStack }

    It 'changes what is named' {
        $pair = New-TestSession
        $pair.Near | Set-TcpSession -NoDelay $true -UserTimeoutSec 5 -LingerSec 2 -PassThru | Should -Be $pair.Near
        $pair.Near.NoDelay | Should -BeTrue
        $pair.Near.UserTimeout.TotalSeconds | Should -Be 5
        $pair.Near.Linger.TotalSeconds | Should -Be 2
        Set-TcpSession $pair.Near.Id -NoDelay $false
        $pair.Near.NoDelay | Should -BeFalse
    }

    It 'shows that there is no time after which it gives up' {
        $pair = New-TestSession
        $pair.Near | Format-List | Out-String | Should -Match 'UserTimeout +: none'
        $pair.Near | Set-TcpSession -UserTimeoutSec 5
        $pair.Near | Format-List | Out-String | Should -Match 'UserTimeout +: 00:00:05'
    }

    It 'lets keep-alive find a peer that is gone' {
        $pair = New-TestSession
        $pair.Near | Set-TcpSession -KeepAliveTime 10s -KeepAliveInterval 1s -KeepAliveProbes 3
        $pair.Near.KeepAlive | Should -BeTrue
        $pair.Wire | Set-PacketImpairment -Loss 1
        Get-ErrorId { $pair.Near | Receive-TcpData -TimeoutSec 60 } | Should -Be ConnectionTimedOut
    }

    It 'reports NoSession without one' {
        $shell = New-TestShell 'Set-TcpSession -NoDelay $true'
        $null = try { $shell.Invoke() } catch { $_ }
        $shell.Streams.Error.Count + [int] ($shell.InvocationStateInfo.State -eq 'Failed') | Should -BeGreaterThan 0
        $shell.Dispose()
    }

    It 'does nothing with -WhatIf' {
        $pair = New-TestSession
        $pair.Near | Set-TcpSession -NoDelay $true -WhatIf
        $pair.Near.NoDelay | Should -BeFalse
    }
}
