. $PSScriptRoot/common.ps1

Describe 'Wait-TcpSession' {
    AfterEach { Remove-TestStack }

    It 'waits for a condition and writes the session' {
        $pair = New-TestSession
        $pair.Far | Send-TcpData hello
        $pair.Near | Wait-TcpSession Readable | Should -Be $pair.Near
        $pair.Near | Receive-TcpData -AsString | Should -Be hello
        $pair.Near | Send-TcpData world -PassThru | Wait-TcpSession Drained | Should -Be $pair.Near
        $pair.Far | Close-TcpSession -HalfClose
        ($pair.Near | Wait-TcpSession PeerFinished).State | Should -Be CloseWait
    }

    It 'waits for a state' {
        $pair = New-TestSession
        $pair.Far | Close-TcpSession -NoWait
        ($pair.Near | Wait-TcpSession -State CloseWait).State | Should -Be CloseWait
    }

    It 'reports TimedOut, and the session lives on' {
        $pair = New-TestSession
        Get-ErrorId { $pair.Near | Wait-TcpSession Closed -TimeoutSec 3 } | Should -Be TimedOut
        $pair.Near.State | Should -Be Established
    }

    It 'reports what ended the session instead' {
        $pair = New-TestSession
        $pair.Far | Close-TcpSession -Abort
        Get-ErrorId { $pair.Near | Wait-TcpSession Readable } | Should -Be ConnectionReset
    }

    It 'waits for so much data, and for data that holds something' {
        $pair = New-TestSession
        $pair.Far | Send-TcpData 'status: '
        $pair.Far | Send-TcpData 'ready'
        $pair.Near | Wait-TcpSession -Data ready | Should -Be $pair.Near
        $pair.Near | Wait-TcpSession -Data 13 | Should -Be $pair.Near
        $pair.Near | Wait-TcpSession -Data ([byte[]] (58, 32)) | Should -Be $pair.Near
        $pair.Near | Receive-TcpData -AsString | Should -Be 'status: ready'
        Get-ErrorId { $pair.Near | Wait-TcpSession -Data 1 -TimeoutSec 1 } | Should -Be TimedOut
        $pair.Far | Close-TcpSession -NoWait
        Get-ErrorId { $pair.Near | Wait-TcpSession -Data more } | Should -Be SessionClosed
        Get-ErrorId { $pair.Near | Wait-TcpSession -Data 0 } | Should -Be InvalidArgument
    }

    It 'waits for several sessions, all or any' {
        $pair = New-TestSession
        $near2 = Open-TcpSession $pair.Address 80
        $far2 = $pair.Listener | Receive-TcpSession
        $far2 | Send-TcpData two
        $pair.Near, $near2 | Wait-TcpSession -Data 3 -Any | Should -Be $near2
        Wait-TcpSession -Session $pair.Near, $near2 -Data 3 -TimeoutSec 1 -ErrorVariable late -ErrorAction SilentlyContinue | Should -Be $near2
        $late[0].TargetObject | Should -Be $pair.Near
        $pair.Far | Send-TcpData one
        @($pair.Near, $near2 | Wait-TcpSession -Data 3).Count | Should -Be 2
    }

    It 'writes True or False with -Quiet' {
        $pair = New-TestSession
        $pair.Near | Wait-TcpSession -Drained -Quiet | Should -BeTrue
        $pair.Near | Wait-TcpSession -Closed -Quiet -TimeoutSec 1 | Should -BeFalse
    }

    It 'says of a manual stack what to do' {
        $null = Start-TcpStack 10.2.0.1/24 -Link (New-PacketWire).A -Manual
        $session = Open-TcpSession 10.2.0.2 80
        $session | Wait-TcpSession Established -ErrorVariable late -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $late[0].ErrorDetails.RecommendedAction | Should -Match 'Step-TcpStack'
        $session | Wait-TcpSession -Data 1 -Quiet | Should -BeFalse
    }

    It 'ends within 100 ms by Ctrl+C and leaves the session usable' {
        $pair = New-TestSession -Threaded
        Measure-Stop 'param($s) Wait-TcpSession -Session $s Closed -TimeoutSec -1' $pair.Near | Should -BeLessThan 100
        $pair.Near | Send-TcpData still
        $pair.Far | Receive-TcpData -AsString | Should -Be still
    }

    It 'completes conditions and states' {
        Get-Completion 'Wait-TcpSession Dr' | Should -Be Drained
        Get-Completion 'Wait-TcpSession -State TimeW' | Should -Be TimeWait
    }
}
