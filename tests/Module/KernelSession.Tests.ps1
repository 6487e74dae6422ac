. $PSScriptRoot/common.ps1

Describe 'Sessions that the kernel runs' {
    BeforeEach {
        Get-TcpSession -Kernel | Close-TcpSession -Abort
        $listener = [TcpTools.Sockets.KernelListener]::Listen('127.0.0.1', 0)
        $near = Open-TcpSession 127.0.0.1 $listener.Port -Kernel
        $far = $listener.Accept([timespan]::FromSeconds(20))
    }

    AfterEach {
        Get-TcpSession -Kernel | Close-TcpSession -Abort
        $far.Abort()
        $listener.Dispose()
    }

    It 'open without a stack, are listed, and tell what the kernel knows' {
        $near.State | Should -Be Established
        $near.Stack | Should -BeNullOrEmpty
        $near.StackName | Should -Be kernel
        "$($near.RemoteAddress):$($near.RemotePort)" | Should -Be "127.0.0.1:$($listener.Port)"
        $near.Info.State | Should -Be Established
        $near.Info.SendMaximumSegment | Should -BeGreaterThan 100
        $near.Info.CongestionControl | Should -Not -BeNullOrEmpty
        $near.Info.RetransmissionTimeout.TotalMilliseconds | Should -BeGreaterThan 0
        (Get-TcpSession -Kernel).Id | Should -Be $near.Id
        (Get-TcpSession $near.Id).Id | Should -Be $near.Id
        (Get-TcpSession -RemotePort $listener.Port).Id | Should -Be $near.Id
        $near | Format-Table | Out-String -Width 120 | Should -Match 'Established'
        $near | Format-List | Out-String | Should -Match 'StackName\s*: kernel'
    }

    It 'send and receive in all the ways of Receive-TcpData' {
        $near | Send-TcpData "one`r`ntwo`r`nthree;four"
        $far | Receive-TcpData -Line | Should -Be one
        $far | Receive-TcpData -Count 2 -AsString | Should -Be tw
        $far | Receive-TcpData -Until ';' -AsString | Should -Be "o`r`nthree;"
        $far | Receive-TcpData -AsString | Should -Be four
        $far | Send-TcpData ([byte[]] (1, 2, 3)) -PassThru | Close-TcpSession
        ($near | Receive-TcpData -All) -join ' ' | Should -Be '1 2 3'
        Receive-TcpData -Session $near.Id | Should -BeNullOrEmpty
    }

    It 'are the latest session for who names none' {
        Send-TcpData 'x' -Wait
        $far | Receive-TcpData -AsString | Should -Be x
    }

    It 'close in halves, wait, and end' {
        $near | Close-TcpSession -HalfClose
        ($far | Wait-TcpSession PeerFinished).State | Should -Be CloseWait
        $far | Send-TcpData 'answer'
        $far | Close-TcpSession -NoWait
        $near | Receive-TcpData -All -AsString | Should -Be answer
        $near | Close-TcpSession
        ($near | Wait-TcpSession Closed).CloseReason | Should -Be Finished
        Get-TcpSession -Kernel | Should -BeNullOrEmpty
    }

    It 'are reset, and tell the peer''s reset' {
        $near | Close-TcpSession -Abort
        Get-ErrorId { $far | Receive-TcpData } | Should -Be ConnectionReset
        $near.CloseReason | Should -Be Aborted
    }

    It 'are set up' {
        $set = $near | Set-TcpSession -NoDelay $true -KeepAliveTime 20s -KeepAliveProbes 3 -UserTimeoutSec 9 -LingerSec 2 -PassThru
        $set.NoDelay, $set.KeepAlive | Should -Be $true, $true
        $set.UserTimeout.TotalSeconds | Should -Be 9
        $set.Linger.TotalSeconds | Should -Be 2
        Get-ErrorId { $near | Set-TcpSession -KeepAliveProbes 999 } | Should -Be InvalidArgument
    }

    It 'carry urgent data in the stream' {
        $near | Send-TcpData '!' -Urgent
        $far | Receive-TcpData -Count 1 -AsString | Should -Be '!'
    }

    It 'run out of time without being lost' {
        Get-ErrorId { $near | Receive-TcpData -TimeoutSec 0.05 } | Should -Be TimedOut
        $near.State | Should -Be Established
    }

    It 'stop at Ctrl+C within 100 ms: <_>' -ForEach 'Receive-TcpData -TimeoutSec -1', 'Wait-TcpSession Closed -TimeoutSec -1' {
        Measure-Stop "param(`$s) `$s | $_" @($near) | Should -BeLessThan 100
        $near.State | Should -Be Established
    }

    It 'are closed when their module goes' {
        $shell = New-TestShell 'param($port) (Open-TcpSession 127.0.0.1 $port -Kernel).Id; Remove-Module TcpTools' @($listener.Port)
        try {
            $shell.Invoke() | Should -HaveCount 1
            $other = $listener.Accept([timespan]::FromSeconds(20))
            ($other | Wait-TcpSession PeerFinished).IsPeerFinished | Should -BeTrue
            $other.Abort()
        }
        finally { $shell.Dispose() }
    }
}

Describe 'Open-TcpSession -Kernel' {
    It 'reports <Id> for <Case>' -ForEach @(
        @{ Id = 'ConnectionRefused'; Case = 'a port where nobody listens'; Script = { Open-TcpSession 127.0.0.1 1 -Kernel } }
        @{ Id = 'UnknownHost'; Case = 'a name without an address'; Script = { Open-TcpSession no-such-host.invalid 80 -Kernel } }
        @{ Id = 'NoRoute'; Case = 'an address of somebody else'; Script = { Open-TcpSession 127.0.0.1 80 -Kernel -LocalAddress 192.0.2.9 } }
        @{ Id = 'NoRoute'; Case = 'a local address of the other version'; Script = { Open-TcpSession 127.0.0.1 80 -Kernel -LocalAddress ::1 } }
        @{ Id = 'InvalidArgument'; Case = 'many hosts at once'; Script = { Open-TcpSession 224.0.0.1 80 -Kernel } }
        @{ Id = 'AmbiguousParameterSet'; Case = 'a stack as well'; Script = { Open-TcpSession 127.0.0.1 80 -Kernel -Profile Linux } }
    ) {
        Get-ErrorId $Script | Should -Be $Id
    }

    It 'takes names and IPv6' {
        $listener = [TcpTools.Sockets.KernelListener]::Listen('::1', 0)
        try {
            $session = Open-TcpSession '[::1]' $listener.Port -Kernel -NoDelay -KeepAlive
            $session.NoDelay, $session.KeepAlive | Should -Be $true, $true
            "$($session.RemoteAddress)" | Should -Be '::1'
            $session | Close-TcpSession -Abort
        }
        finally { $listener.Dispose() }
        $listener = [TcpTools.Sockets.KernelListener]::Listen('127.0.0.1', 0)
        try {
            $session = Open-TcpSession localhost $listener.Port -Kernel
            $session.State | Should -Be Established
            $session | Close-TcpSession -Abort
        }
        finally { $listener.Dispose() }
    }

    It 'does not wait with -NoWait' {
        $listener = [TcpTools.Sockets.KernelListener]::Listen('127.0.0.1', 0)
        try {
            ($session = Open-TcpSession 127.0.0.1 $listener.Port -Kernel -NoWait) | Wait-TcpSession Established | Should -Be $session
            $session | Close-TcpSession -Abort
        }
        finally { $listener.Dispose() }
    }
}
