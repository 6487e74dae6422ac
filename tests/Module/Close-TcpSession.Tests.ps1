. $PSScriptRoot/common.ps1

Describe 'Close-TcpSession' {
    AfterEach { Remove-TestStack }

    It 'closes in order and waits for the acknowledgment of its FIN' {
        $pair = New-TestSession
        ($pair.Near | Close-TcpSession -PassThru).State | Should -Be FinWait2
        ($pair.Far | Wait-TcpSession PeerFinished).State | Should -Be CloseWait
        $pair.Far | Close-TcpSession
        $pair.Near | Wait-TcpSession -State TimeWait | Should -Not -BeNullOrEmpty
        $pair.Far | Wait-TcpSession Closed | Should -Not -BeNullOrEmpty
        $pair.Far.CloseReason | Should -Be Finished
        $null = Step-TcpStack client -Duration 2min
        $pair.Near.State | Should -Be Closed
        $pair.Client.PendingTimers | Should -Be 0
    }

    It 'delivers what is buffered before the end' {
        $pair = New-TestSession -Wire @{ Delay = '20ms' }
        $pair.Near | Send-TcpData ('x' * 100000) -PassThru | Close-TcpSession
        ($pair.Far | Receive-TcpData -All).Length | Should -Be 100000
    }

    It 'ends only sending with -HalfClose' {
        $pair = New-TestSession
        $pair.Near | Send-TcpData question -PassThru | Close-TcpSession -HalfClose
        $pair.Far | Receive-TcpData -All -AsString | Should -Be question
        $pair.Far | Send-TcpData answer -PassThru | Close-TcpSession
        $pair.Near | Receive-TcpData -All -AsString | Should -Be answer
        Get-ErrorId { $pair.Near | Send-TcpData more } | Should -Be SessionClosed
    }

    It 'resets with -Abort' {
        $pair = New-TestSession
        $pair.Near | Close-TcpSession -Abort
        $pair.Near.State | Should -Be Closed
        Get-ErrorId { $pair.Far | Receive-TcpData } | Should -Be ConnectionReset
    }

    It 'reports TimedOut when the peer is gone, and SessionClosed afterwards' {
        $pair = New-TestSession
        $pair.Wire | Set-PacketImpairment -Loss 1
        Get-ErrorId { $pair.Near | Close-TcpSession -TimeoutSec 2 } | Should -Be TimedOut
        Get-ErrorId { $pair.Near | Receive-TcpData } | Should -Be SessionClosed
    }

    It 'can be repeated, takes numbers, and obeys -WhatIf' {
        $pair = New-TestSession
        Close-TcpSession $pair.Near.Id -WhatIf
        $pair.Near.State | Should -Be Established
        Close-TcpSession $pair.Near.Id
        { $pair.Near | Close-TcpSession -ErrorAction Stop } | Should -Not -Throw
        { $pair.Near | Close-TcpSession -Abort -ErrorAction Stop } | Should -Not -Throw
    }

    It 'gives one clear error for a wrong type' {
        Get-ErrorId { Get-Date | Close-TcpSession } | Should -Be ParameterArgumentTransformationError
    }

    It 'ends within 100 ms by Ctrl+C' {
        $pair = New-TestSession -Threaded
        $pair.Wire | Set-PacketImpairment -Loss 1
        $sessions = 1..2 | ForEach-Object { $pair.Near }
        Measure-Stop 'param($s) Close-TcpSession $s -TimeoutSec -1' $pair.Near -Tries 2 | Should -BeLessThan 100
    }
}
