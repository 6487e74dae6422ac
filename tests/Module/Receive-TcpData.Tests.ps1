. $PSScriptRoot/common.ps1

Describe 'Receive-TcpData' {
    AfterEach { Remove-TestStack }

    It 'writes what there is as one byte array' {
        $pair = New-TestSession
        Send-TcpData ([byte[]] (1, 2, 3)) -Session $pair.Far
        $data = @($pair.Near | Receive-TcpData)
        $data.Count | Should -Be 1
        , $data[0] | Should -BeOfType ([byte[]])
        $data[0] | Should -Be 1, 2, 3
    }

    It 'reads exactly so many bytes, and leaves the rest' {
        $pair = New-TestSession
        $pair.Far | Send-TcpData abcdefgh
        $pair.Near | Receive-TcpData -Count 3 -AsString | Should -BeExactly abc
        $pair.Near.Available | Should -Be 5
        $pair.Near | Receive-TcpData -MaximumBytes 2 -AsString | Should -BeExactly de
        $pair.Near | Receive-TcpData -AsString | Should -BeExactly fgh
    }

    It 'reads through a mark of text or bytes, and leaves the rest' {
        $pair = New-TestSession
        $pair.Far | Send-TcpData "head`r`n`r`nbody;tail"
        $pair.Near | Receive-TcpData -Until "`r`n`r`n" -AsString | Should -BeExactly "head`r`n`r`n"
        $pair.Near.Available | Should -Be 9
        $pair.Near | Receive-TcpData -Until ([byte[]] 59) -AsString | Should -BeExactly 'body;'
        Get-ErrorId { $pair.Near | Receive-TcpData -Until ';' -TimeoutSec 1 } | Should -Be TimedOut
        $pair.Near | Receive-TcpData -AsString | Should -BeExactly tail
    }

    It 'reads lines of either ending, and the last one without' {
        $pair = New-TestSession
        $pair.Far | Send-TcpData "one`r`ntwo`n`nlast" -PassThru | Close-TcpSession
        $pair.Near | Receive-TcpData -Line | Should -BeExactly one
        $pair.Near | Receive-TcpData -Line -All | Should -BeExactly two, '', last
        $pair.Near | Receive-TcpData -Line | Should -BeNullOrEmpty
    }

    It 'reads all to the end, and then nothing' {
        $pair = New-TestSession -Wire @{ Loss = 0.05; Delay = '5ms' }
        $sent = [byte[]]::new(300000)
        [System.Random]::new(3).NextBytes($sent)
        $pair.Far | Send-TcpData $sent -PassThru | Close-TcpSession -NoWait
        $got = $pair.Near | Receive-TcpData -All
        [System.Linq.Enumerable]::SequenceEqual($got, $sent) | Should -BeTrue
        $pair.Near | Receive-TcpData | Should -BeNullOrEmpty
        $pair.Near | Receive-TcpData -All | Should -BeNullOrEmpty
    }

    It 'keeps a character of which only a part has come' {
        $pair = New-TestSession
        Send-TcpData ([byte[]] (0x61, 0xE2, 0x82)) -Session $pair.Far
        $pair.Near | Receive-TcpData -AsString | Should -BeExactly a
        Send-TcpData ([byte[]] (0xAC, 0x62)) -Session $pair.Far
        $pair.Near | Receive-TcpData -Count 4 -AsString | Should -BeExactly '€b'
    }

    It 'decodes by -Encoding alone' {
        $pair = New-TestSession
        Send-TcpData ([byte[]] 0xE4) -Session $pair.Far
        $pair.Near | Receive-TcpData -Encoding latin1 | Should -BeExactly 'ä'
    }

    It 'reports <Id> for <Case>' -ForEach @(
        @{ Id = 'TimedOut'; Case = 'a silent peer'; Script = { $pair.Near | Receive-TcpData -TimeoutSec 2 } }
        @{ Id = 'UnexpectedEnd'; Case = 'an end before -Count'; Script = { $pair.Far | Send-TcpData abc -PassThru | Close-TcpSession; $pair.Near | Receive-TcpData -Count 4 } }
        @{ Id = 'UnexpectedEnd'; Case = 'an end before -Until'; Script = { $pair.Far | Send-TcpData abc -PassThru | Close-TcpSession; $pair.Near | Receive-TcpData -Until ';' } }
        @{ Id = 'ConnectionReset'; Case = 'a reset'; Script = { $pair.Far | Close-TcpSession -Abort; $pair.Near | Receive-TcpData } }
        @{ Id = 'SessionClosed'; Case = 'a session closed by this side'; Script = { $pair.Near | Close-TcpSession; $pair.Near | Receive-TcpData } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'a wrong type in the pipeline'; Script = { Get-Date | Receive-TcpData } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'a number that is no session'; Script = { 999999 | Receive-TcpData } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'a time limit that is none'; Script = { $pair.Near | Receive-TcpData -TimeoutSec soon } }
    ) {
        $pair = New-TestSession
        Get-ErrorId $Script | Should -Be $Id
    }

    It 'takes time limits as seconds, fractions and TimeSpans, in simulated time' {
        $pair = New-TestSession
        foreach ($limit in 1.5, ([timespan]::FromSeconds(1.5)), '1.5s') {
            $before = $pair.Client.Now
            Get-ErrorId { $pair.Near | Receive-TcpData -TimeoutSec $limit } | Should -Be TimedOut
            ($pair.Client.Now - $before).TotalSeconds | Should -Be 1.5
        }
        Get-ErrorId { $pair.Near | Receive-TcpData -Timeout 1 } | Should -Be TimedOut
        Get-ErrorId { $pair.Near | Receive-TcpData -TimeoutSeconds 1 } | Should -Be TimedOut
    }

    It 'ends within 100 ms by Ctrl+C with <Arguments>, and nothing is lost' -ForEach @(
        @{ Arguments = '' }, @{ Arguments = '-Line' }, @{ Arguments = '-All' }, @{ Arguments = '-Count 10' }, @{ Arguments = "-Until ';'" }
    ) {
        $pair = New-TestSession -Threaded
        if ($Arguments) { $pair.Far | Send-TcpData abc -Wait }
        Measure-Stop "param(`$s) Receive-TcpData `$s -TimeoutSec -1 $Arguments" $pair.Near -Tries 2 | Should -BeLessThan 100
        $pair.Far | Send-TcpData def -Wait
        $expected = $Arguments ? 'abcdef' : 'def'
        $got = ''
        while ($got.Length -lt $expected.Length) { $got += $pair.Near | Receive-TcpData -AsString }
        $got | Should -BeExactly $expected
    }

    It 'can be used from several runspaces' {
        $pair = New-TestSession -Threaded
        $near = $pair.Near
        $pair.Far | Send-TcpData (-join (1..20 | ForEach-Object { "line $_`n" })) -PassThru | Close-TcpSession -NoWait
        $lines = 1..4 | ForEach-Object -Parallel {
            Import-Module $using:ModuleManifest
            1..5 | ForEach-Object { $using:near | Receive-TcpData -Line }
        }
        $lines.Count | Should -Be 20
        ($lines | Sort-Object -Unique).Count | Should -Be 20
    }
}
