. $PSScriptRoot/common.ps1

Describe 'Get-TcpStream' {
    BeforeAll {
        # Segments of one connection, numbers counted from the first byte of data.
        function New-Segment([switch] $Server, [int] $Number, [string] $Flags = 'A', [string] $Data, [int] $Acknowledgment = 0, [int] $Port = 40000) {
            $ip, $tcp = if ($Server) {
                (New-IPPacket 10.0.0.1 10.0.0.2), @{ SourcePort = 80; DestinationPort = $Port; Sequence = 9001 + $Number; Acknowledgment = 1001 + $Acknowledgment }
            }
            else {
                (New-IPPacket 10.0.0.2 10.0.0.1), @{ SourcePort = $Port; DestinationPort = 80; Sequence = 1001 + $Number; Acknowledgment = 9001 + $Acknowledgment }
            }
            $more = if ($Data) { @{ Data = $Data } } else { @{} }
            $packet = $ip | New-TcpSegment -Flags $Flags @tcp @more
            $script:clock = $script:clock.AddMilliseconds(10)
            $packet.Timestamp = $script:clock
            $packet
        }

        function New-Handshake([int] $Port = 40000) {
            New-Segment -Number -1 -Flags S -Port $Port
            New-Segment -Server -Number -1 -Flags SA -Port $Port
            New-Segment -Number 0 -Port $Port
        }

        function New-WebVisit {
            New-Handshake
            $get = "GET /a HTTP/1.1`r`nHost: web`r`n`r`n"
            $page = "HTTP/1.1 200 OK`r`nContent-Length: 6`r`n`r`nhello`n"
            New-Segment -Number 0 -Data $get
            New-Segment -Server -Number 0 -Data $page.Substring(0, 20) -Acknowledgment $get.Length
            New-Segment -Server -Number 20 -Data $page.Substring(20) -Acknowledgment $get.Length
            New-Segment -Server -Number $page.Length -Flags FA -Acknowledgment $get.Length
            New-Segment -Number $get.Length -Flags FA -Acknowledgment ($page.Length + 1)
        }
    }

    BeforeEach { $script:clock = [DateTimeOffset]::UnixEpoch.AddDays(20000) }

    It 'puts a conversation together' {
        $stream = New-WebVisit | Get-TcpStream
        $stream | Should -HaveCount 1
        $stream.State, "$($stream.Client)", "$($stream.Server)" | Should -Be Closed, '10.0.0.1:40000', '10.0.0.2:80'
        [Text.Encoding]::UTF8.GetString($stream.ServerData) | Should -BeLike '*hello*'
        $stream.Turns.Direction | Should -Be FromClient, FromServer
        $stream.Duration.TotalMilliseconds | Should -Be 70
        $stream.Gaps.Count, $stream.Warnings.Count | Should -Be 0, 0
    }

    It 'writes text, bytes, lines, events and HTTP' {
        (New-WebVisit | Get-TcpStream -As Text)[0] | Should -BeLike 'GET /a*'
        $bytes = New-WebVisit | Get-TcpStream -As Bytes -Direction FromServer
        , $bytes | Should -BeOfType [byte[]]
        (New-WebVisit | Get-TcpStream -As Lines -Direction FromServer).Text | Should -Be 'HTTP/1.1 200 OK', 'Content-Length: 6', '', 'hello'
        (New-WebVisit | Get-TcpStream -As Events).Kind | Should -Be Opened, Data, Data, Data, Finished, Finished, Closed
        $exchange = New-WebVisit | Get-TcpStream -As Http
        $exchange.Method, $exchange.Url, $exchange.StatusCode, $exchange.Response.Text | Should -Be GET, 'http://web/a', 200, "hello`n"
        $exchange.Latency.TotalMilliseconds | Should -Be 10
    }

    It 'reads files, several as one record' {
        $first, $second = 'a.pcapng', 'b.pcap' | ForEach-Object { Join-Path $TestDrive $_ }
        $packets = @(New-WebVisit)
        $packets[0..4] | Export-PacketCapture $first
        $packets[5..7] | Export-PacketCapture $second
        $stream = Get-TcpStream $first, $second
        $stream.State | Should -Be Closed
        $stream.ServerSide.Bytes | Should -Be 44
        (Get-ChildItem $TestDrive *.pcap* | Sort-Object Name | Get-TcpStream).State | Should -Be Closed
        (Get-TcpStream -LiteralPath $first, $second).State | Should -Be Closed
        (Get-TcpStream (Join-Path $TestDrive '*.pcap*') -Filter 'src host 10.0.0.1').ServerSide.Segments | Should -Be 0
    }

    It 'tells gaps, and never fills them' {
        $stream = (New-Handshake), (New-Segment -Number 0 -Data abc), (New-Segment -Number 6 -Data ghi), (New-Segment -Server -Number 0 -Acknowledgment 9) |
            ForEach-Object { $_ } | Get-TcpStream
        [Text.Encoding]::ASCII.GetString($stream.ClientData) | Should -Be abcghi
        $stream.Gaps.Offset, $stream.Gaps.Length | Should -Be 3, 3
        $stream.State | Should -Be EndOfInput
    }

    It 'decides by -OverlapPolicy and warns with both copies' -ForEach @(@{ Policy = 'First'; Expected = 'abcd' }, @{ Policy = 'Last'; Expected = 'abXY' }) {
        $packets = @(New-Handshake) + (New-Segment -Number 2 -Data cd) + (New-Segment -Number 2 -Data XY) + (New-Segment -Number 0 -Data ab)
        $stream = $packets | Get-TcpStream -OverlapPolicy $Policy -WarningVariable warnings -WarningAction SilentlyContinue
        [Text.Encoding]::ASCII.GetString($stream.ClientData) | Should -Be $Expected
        $stream.Warnings.Kind | Should -Be ConflictingData
        [Text.Encoding]::ASCII.GetString($stream.Warnings[0].Kept + $stream.Warnings[0].Discarded) | Should -BeIn cdXY, XYcd
        $warnings | Should -BeLike '*ConflictingData*'
    }

    It 'leaves out wrong checksums unless told otherwise' {
        $packets = @(New-Handshake) + (New-Segment -Number 0 -Data abc)
        $packets[3].Tcp.Checksum = 1
        ($packets | Get-TcpStream -WarningAction SilentlyContinue).ClientSide.Bytes | Should -Be 0
        ($packets | Get-TcpStream -NoChecksum).ClientSide.Bytes | Should -Be 3
        ($packets | Get-TcpStream -IgnoreChecksum 10.0.0.0/8).ClientSide.Bytes | Should -Be 3
        ($packets | Get-TcpStream -IgnoreChecksum 10.9.0.0/16 -WarningAction SilentlyContinue).ClientSide.Bytes | Should -Be 0
        Get-ErrorId { $packets | Get-TcpStream -IgnoreChecksum 10.0.0.0/99 } | Should -Be InvalidArgument
    }

    It 'picks up the middle, and shows what never opened, when asked' {
        $middle = New-Segment -Number 500 -Data middle
        $middle | Get-TcpStream | Should -BeNullOrEmpty
        ($middle | Get-TcpStream -Midstream).IsMidstream | Should -BeTrue
        $syn = New-Segment -Number -1 -Flags S
        $syn | Get-TcpStream | Should -BeNullOrEmpty
        ($syn | Get-TcpStream -IncludeUnopened).WasOpened | Should -BeFalse
    }

    It 'keeps no more than -MaximumBytes, nothing with -Discard' {
        $stream = New-WebVisit | Get-TcpStream -Discard
        $stream.ServerData.Length, $stream.ServerSide.Bytes | Should -Be 0, 44
        (New-WebVisit | Get-TcpStream -MaximumBytes 140).Recording.IsCut | Should -BeTrue
    }

    It 'shows streams, events and exchanges as tables' {
        New-WebVisit | Get-TcpStream | Out-String | Should -Match '10\.0\.0\.1:40000 +10\.0\.0\.2:80 +Closed +30 +44'
        New-WebVisit | Get-TcpStream -As Http | Out-String | Should -Match 'GET +200 +10[.,]0 ms +6 +http://web/a'
        New-WebVisit | Get-TcpStream -As Events | Out-String | Should -Match 'Data +10\.0\.0\.1:40000'
        New-WebVisit | Get-TcpStream | Format-List | Out-String | Should -Match 'ServerData *: 44 bytes'
        (New-WebVisit | Get-TcpStream).Turns | Out-String | Should -Match 'FromClient +0 +30 GET /a HTTP/1\.1 Host: web'
    }

    It 'ends with the pipeline' {
        (1..50 | ForEach-Object { New-Handshake -Port (40000 + $_); New-Segment -Number 0 -Flags RA -Port (40000 + $_) } | Get-TcpStream | Select-Object -First 3).Count |
            Should -Be 3
    }

    It 'reports what is no capture or is not there' {
        Get-ErrorId { Get-TcpStream (Join-Path $TestDrive none.pcap) } | Should -Be FileNotFound
        $path = Join-Path $TestDrive text.txt
        Set-Content $path 'this is no capture at all, is it'
        Get-ErrorId { Get-TcpStream $path } | Should -Be InvalidData
    }
}
