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
