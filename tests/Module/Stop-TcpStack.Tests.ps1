. $PSScriptRoot/common.ps1

Describe 'Stop-TcpStack' {
    AfterEach { Remove-TestStack }

    It 'closes sessions in order, so that the peer sees a FIN' {
        $pair = New-TestSession
        Stop-TcpStack client
        $pair.Far | Wait-TcpSession PeerFinished -TimeoutSec 1 | Should -Not -BeNullOrEmpty
        $pair.Client.State | Should -Be Stopped
        (Get-TcpStack).Name | Should -Be server
    }

    It 'resets sessions with -Force' {
        $pair = New-TestSession
        $pair.Client | Stop-TcpStack -Force -PassThru | Should -Be $pair.Client
        Get-ErrorId { $pair.Far | Receive-TcpData -TimeoutSec 1 } | Should -Be ConnectionReset
    }

    It 'ends waits in other runspaces' {
        $pair = New-TestSession -Threaded
        $waits = [System.Threading.ManualResetEventSlim]::new()
        $shell = New-TestShell 'param($s, $waits) $waits.Set(); Receive-TcpData $s -TimeoutSec 20' $pair.Near, $waits
        $run = $shell.BeginInvoke()
        $waits.Wait(20000) | Should -BeTrue
        Stop-TcpStack client -Force
        $run.AsyncWaitHandle.WaitOne(5000) | Should -BeTrue
        $shell.Streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'StackStopped,*'
        $shell.Dispose()
    }

    It 'reports NoStack, and StackStopped to who goes on' {
        $pair = New-TestSession
        Get-TcpStack | Stop-TcpStack -Force
        Get-ErrorId { Stop-TcpStack } | Should -Be NoStack
        Get-ErrorId { Open-TcpSession 10.7.0.2 80 -Stack $pair.Client } | Should -Be StackStopped
        Get-ErrorId { $pair.Near | Send-TcpData 'x' } | Should -Be StackStopped
    }

    It 'does nothing with -WhatIf' {
        $pair = New-TestPair
        Stop-TcpStack -WhatIf
        $pair.Client.State | Should -Be Running
    }
}
