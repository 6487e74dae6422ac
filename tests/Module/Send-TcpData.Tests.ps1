. $PSScriptRoot/common.ps1

Describe 'Send-TcpData' {
    AfterEach { Remove-TestStack }

    It 'sends text, bytes, and several of them' {
        $pair = New-TestSession
        Send-TcpData 'text ' -Session $pair.Near
        Send-TcpData ([byte[]] (98, 121, 116, 101, 115, 32)) -Session $pair.Near
        Send-TcpData 'a', 'b', ([byte] 99) -Session $pair.Near
        $pair.Near | Close-TcpSession
        $pair.Far | Receive-TcpData -All -AsString | Should -BeExactly 'text bytes abc'
    }

    It 'sends what is piped, in order' {
        $pair = New-TestSession
        'one', 'two' | Send-TcpData -Session $pair.Near -Line
        $pair.Far | Receive-TcpData -Line -Count 2 | Should -Be one, two
    }

    It 'puts single bytes from the pipeline together' {
        $pair = New-TestSession
        $bytes = [byte[]] (1..200 | ForEach-Object { $_ })
        $bytes | Send-TcpData -Session $pair.Near -Wait
        $pair.Near.Info.SegmentsOut | Should -BeLessThan 5
        ($pair.Far | Receive-TcpData -Count 200) | Should -Be $bytes
    }

    It 'passes the session on, and uses the last session when none is named' {
        $pair = New-TestPair
        $null = Start-TcpListener 80 -Stack server
        Open-TcpSession $pair.Address 80 | Send-TcpData first -PassThru | Send-TcpData second
        Send-TcpData third
        Receive-TcpSession -Port 80 | Receive-TcpData -Count 16 -AsString | Should -Be firstsecondthird
    }

    It 'encodes text' {
        $pair = New-TestSession
        Send-TcpData 'ä' -Session $pair.Near -Encoding latin1
        Send-TcpData 'ä' -Session $pair.Near -Encoding unicode
        Send-TcpData 'ä' -Session $pair.Near
        ($pair.Far | Receive-TcpData -Count 5) | Should -Be ([byte[]] (0xE4, 0xE4, 0, 0xC3, 0xA4))
        Get-ErrorId { Send-TcpData x -Session $pair.Near -Encoding klingon } | Should -Be ParameterArgumentTransformationError
    }

    It 'marks urgent data' {
        $pair = New-TestSession
        Send-TcpData 'now!' -Session $pair.Near -Urgent -Wait
        $pair.Far.UrgentOffset | Should -Not -BeNullOrEmpty
    }

    It 'takes its time for more than the peer reads, and reports TimedOut' {
        $pair = New-TestSession
        $big = [byte[]]::new(20MB)
        Get-ErrorId { Send-TcpData $big -Session $pair.Near -TimeoutSec 5 } | Should -Be TimedOut
        $pair.Near.State | Should -Be Established
    }

    It 'reports <Id> for <Case>' -ForEach @(
        @{ Id = 'WrongInputType'; Case = 'a date in the pipeline'; Script = { Get-Date | Send-TcpData -Session $pair.Near } }
        @{ Id = 'WrongInputType'; Case = 'a number'; Script = { Send-TcpData 42 -Session $pair.Near } }
        @{ Id = 'WrongInputType'; Case = 'processes'; Script = { Get-Process -Id $PID | Send-TcpData -Session $pair.Near } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'a session that does not exist'; Script = { Send-TcpData x -Session 999999 } }
        @{ Id = 'SessionClosed'; Case = 'a session closed by this side'; Script = { $pair.Near | Close-TcpSession; $pair.Near | Send-TcpData x } }
        @{ Id = 'ConnectionReset'; Case = 'a session reset by the peer'; Script = { $pair.Far | Close-TcpSession -Abort; Step-TcpStack client -Duration 1s; $pair.Near | Send-TcpData x } }
    ) {
        $pair = New-TestSession
        Get-ErrorId $Script | Should -Be $Id
    }

    It 'ends within 100 ms by Ctrl+C and leaves the session usable' {
        $pair = New-TestSession -Threaded
        Measure-Stop 'param($s) Send-TcpData ([byte[]]::new(20MB)) -Session $s -TimeoutSec -1' $pair.Near -Tries 2 | Should -BeLessThan 100
        $pair.Near.State | Should -Be Established
        ($pair.Far | Receive-TcpData -Count 1000).Length | Should -Be 1000
    }

    It 'completes sessions and encodings' {
        $pair = New-TestSession
        Get-Completion 'Send-TcpData x -Encoding ut' | Should -Contain utf8
        Get-Completion 'Send-TcpData x -Session ' | Should -Contain "$($pair.Near.Id)"
    }
}
