. $PSScriptRoot/common.ps1

Describe 'Invoke-TcpRequest' {
    AfterEach { Remove-TestStack }

    It 'asks for a page with a short text, and gives the response as an object' {
        $pair = New-TestSession
        $pair.Far | Send-TcpData "HTTP/1.1 200 OK`r`nContent-Type: text/plain`r`nContent-Length: 5`r`n`r`nhelloREST"
        $response = $pair.Near | Invoke-TcpRequest 'GET /a?b' -Header ([ordered] @{ Accept = 'x/y'; 'X-Two' = 1, 2 })
        $response.StatusCode | Should -Be 200
        $response.Text | Should -BeExactly hello
        $response.Header('content-type') | Should -Be text/plain
        $response.Headers.Count | Should -Be 2
        $response.Body.Length | Should -Be 5
        $response.IsComplete | Should -BeTrue
        $pair.Near | Receive-TcpData -AsString | Should -BeExactly REST
        $pair.Far | Receive-TcpData -AsString | Should -BeExactly "GET /a?b HTTP/1.1`r`nHost: 10.7.0.2`r`nAccept: x/y`r`nX-Two: 1`r`nX-Two: 2`r`n`r`n"
    }

    It 'makes requests by parameters, and knows what has no body' {
        $pair = New-TestSession -Port 8080
        $pair.Far | Send-TcpData "HTTP/1.1 100 Continue`r`n`r`nHTTP/1.1 200 OK`r`nContent-Length: 999`r`n`r`nHTTP/1.1 201 Created`r`nTransfer-Encoding: chunked`r`n`r`n2`r`nok`r`n0`r`n`r`n"
        ($pair.Near | Invoke-TcpRequest -Path / -HttpMethod head).StatusCode | Should -Be 200
        ($pair.Near | Invoke-TcpRequest -Path /x -HttpMethod POST -Body 'äb' -Header @{ Host = 'own' }).Text | Should -Be ok
        $sent = $pair.Far | Receive-TcpData -Count 93 -AsString
        $sent | Should -BeExactly "HEAD / HTTP/1.1`r`nHost: 10.7.0.2:8080`r`n`r`nPOST /x HTTP/1.1`r`nHost: own`r`nContent-Length: 3`r`n`r`näb"
    }

    It 'takes a whole request as it is, and a body until the end' {
        $pair = New-TestSession
        $pair.Far | Send-TcpData "HTTP/1.0 200 OK`r`n`r`nuntil the end" -PassThru | Close-TcpSession -HalfClose
        ($pair.Near | Invoke-TcpRequest "GET / HTTP/1.0`r`nwrong on purpose`r`n`r`n").Text | Should -Be 'until the end'
        $pair.Far | Receive-TcpData -AsString | Should -BeExactly "GET / HTTP/1.0`r`nwrong on purpose`r`n`r`n"
    }

    It 'reads lines, and ends what is sent like one' {
        $pair = New-TestSession
        $pair.Far | Send-TcpData "+OK`r`n+MORE`n;three;four;"
        $pair.Near | Invoke-TcpRequest 'PING' -As Line -Count 2 | Should -Be '+OK', '+MORE'
        $pair.Near | Invoke-TcpRequest 'x' -As line -Delimiter ';' -Count 3 | Should -Be '', 'three', 'four'
        $pair.Far | Receive-TcpData -Count 8 -AsString | Should -BeExactly "PING`r`nx;"
    }

    It 'reads messages with a length of <Bytes> bytes in front' -ForEach @(
        @{ Bytes = 1; Message = [byte[]] (3, 97, 98, 99); Switches = @{} }
        @{ Bytes = 2; Message = [byte[]] (0, 5, 97, 98, 99); Switches = @{ IncludesPrefix = $true } }
        @{ Bytes = 4; Message = [byte[]] (3, 0, 0, 0, 97, 98, 99); Switches = @{ LittleEndian = $true } }
        @{ Bytes = 8; Message = [byte[]] (0, 0, 0, 0, 0, 0, 0, 3, 97, 98, 99); Switches = @{} }
    ) {
        $pair = New-TestSession
        $pair.Far | Send-TcpData $Message
        $pair.Near | Invoke-TcpRequest 'abc' -As Length -PrefixBytes $Bytes -AddPrefix -AsString @Switches | Should -Be abc
        ($pair.Far | Receive-TcpData) -join ' ' | Should -Be ($Message -join ' ')
    }

    It 'lets a script cut, in this pipeline, and nothing is lost' {
        $pair = New-TestSession
        $script:calls = 0
        $pair.Far | Send-TcpData 'abcdefg'
        $cut = { param($bytes, $isEnd) $script:calls++; if ($bytes.Length -ge 3 -or $isEnd) { [math]::Min(3, $bytes.Length) } }
        $pair.Near | Invoke-TcpRequest -As $cut -Count 2 -AsString | Should -Be abc, def
        $script:calls | Should -BeGreaterThan 0
        { $pair.Near | Invoke-TcpRequest -As { throw 'mine' } } | Should -Throw mine
        Get-ErrorId { $pair.Near | Invoke-TcpRequest -As { 'many' } } | Should -Be InvalidArgument
        Get-ErrorId { $pair.Near | Invoke-TcpRequest -As { 99 } } | Should -Be InvalidArgument
        ($pair.Near | Invoke-TcpRequest -As { $true }) -join ' ' | Should -Be 103
    }

    It 'takes what comes until it is quiet' {
        $pair = New-TestSession
        $pair.Far | Send-TcpData 'some'
        $pair.Near | Invoke-TcpRequest 'hello' -AsString -QuietTime 20ms | Should -Be some
        $pair.Far | Receive-TcpData -AsString | Should -Be hello
        $pair.Far | Send-TcpData 'abcdef'
        ($pair.Near | Invoke-TcpRequest -MaximumBytes 4 -AsString) | Should -Be abcd
        $pair.Far | Close-TcpSession -HalfClose
        $pair.Near | Invoke-TcpRequest -AsString | Should -Be ef
    }

    It 'reports <Id> for <Case>' -ForEach @(
        @{ Id = 'TimedOut'; Case = 'no answer'; Script = { $pair.Near | Invoke-TcpRequest 'x' -TimeoutSec 2 } }
        @{ Id = 'UnexpectedEnd'; Case = 'an end instead of an answer'; Script = { $pair.Far | Close-TcpSession -HalfClose; $pair.Near | Invoke-TcpRequest 'x' } }
        @{ Id = 'UnexpectedEnd'; Case = 'an end in an answer'; Script = { $pair.Far | Send-TcpData "HTTP/1.1 200 OK`r`nContent-Length: 9`r`n`r`nab" -PassThru | Close-TcpSession -HalfClose; $pair.Near | Invoke-TcpRequest 'GET /' } }
        @{ Id = 'InvalidData'; Case = 'an answer that is not HTTP'; Script = { $pair.Far | Send-TcpData "220 hello`r`n"; $pair.Near | Invoke-TcpRequest 'GET /' } }
        @{ Id = 'MessageTooLong'; Case = 'a length beyond the limit'; Script = { $pair.Far | Send-TcpData ([byte[]] (1, 0, 0, 0)); $pair.Near | Invoke-TcpRequest -As Length -MaximumBytes 1000 } }
        @{ Id = 'MessageTooLong'; Case = 'a line beyond the limit'; Script = { $pair.Far | Send-TcpData ('x' * 100); $pair.Near | Invoke-TcpRequest -As Line -MaximumBytes 10 } }
        @{ Id = 'InvalidArgument'; Case = 'a header for a whole request'; Script = { $pair.Near | Invoke-TcpRequest "GET / HTTP/1.1`r`n`r`n" -Header @{ a = 1 } } }
        @{ Id = 'InvalidArgument'; Case = 'a header of two lines'; Script = { $pair.Near | Invoke-TcpRequest 'GET /' -Header @{ a = "1`r`nb: 2" } } }
        @{ Id = 'WrongInputType'; Case = 'a date'; Script = { $pair.Near | Invoke-TcpRequest (Get-Date) } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'a form that does not exist'; Script = { $pair.Near | Invoke-TcpRequest x -As Xml } }
        @{ Id = 'ParameterArgumentValidationError'; Case = 'a length of three bytes'; Script = { $pair.Near | Invoke-TcpRequest x -As Length -PrefixBytes 3 } }
    ) {
        $pair = New-TestSession
        Get-ErrorId $Script | Should -Be $Id
    }

    It 'keeps what came when the time runs out, and at Ctrl+C' {
        $pair = New-TestSession -Threaded
        $pair.Far | Send-TcpData 'half a li' -Wait
        Get-ErrorId { $pair.Near | Invoke-TcpRequest -As Line -TimeoutSec 0.05 } | Should -Be TimedOut
        Measure-Stop 'param($s) $s | Invoke-TcpRequest -As Line -TimeoutSec -1' $pair.Near -Tries 1 | Out-Null
        $pair.Far | Send-TcpData "ne`n"
        $pair.Near | Invoke-TcpRequest -As Line | Should -Be 'half a line'
    }

    It 'ends within 100 ms by Ctrl+C with -As <_>' -ForEach 'Raw', 'Line', 'Http', '{ 0 }' {
        $pair = New-TestSession -Threaded
        Measure-Stop "param(`$s) `$s | Invoke-TcpRequest x -As $_ -TimeoutSec -1" $pair.Near | Should -BeLessThan 100
    }

    It 'completes forms and methods' {
        Get-Completion 'Invoke-TcpRequest -As H' | Should -Be Http
        Get-Completion 'Invoke-TcpRequest -HttpMethod P' | Should -Be POST, PUT, PATCH
    }
}
