. $PSScriptRoot/common.ps1

Describe 'Join-IPPacket' {
    BeforeAll {
        function New-TestFragment([int] $Length = 100, [int] $Id = 1) {
            New-IPPacket 10.0.0.2 10.0.0.1 -Identification $Id | New-UdpDatagram 9 -Data ('x' * $Length) | Split-IPPacket -Size 24
        }
    }

    It 'joins in any order and passes what is whole where it came' {
        $fragments = @(New-TestFragment)
        [array]::Reverse($fragments)
        $out = @((New-IPPacket 10.0.0.7), $fragments, (New-IPPacket 10.0.0.8) | ForEach-Object { $_ } | Join-IPPacket)
        $out.Count | Should -Be 3
        $out[1].Udp.DestinationPort | Should -Be 9
        $out[1].Payload.Length | Should -Be 100
        $out[1].Anomalies | Should -BeNullOrEmpty
    }

    It 'tells what is missing, and gives it back on request' {
        $fragments = @(New-TestFragment | Select-Object -Skip 1)
        $fragments | Join-IPPacket -WarningVariable told -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        "$told" | Should -BeLike "$($fragments.Count) fragments of 1 packets*"
        @($fragments | Join-IPPacket -PassIncomplete).Count | Should -Be $fragments.Count
    }

    It 'warns of bytes that contradict each other' {
        $fragments = @(New-TestFragment)
        $fragments[1].Payload.Text = 'y' * 24
        @(New-TestFragment)[0..1] + $fragments | Join-IPPacket -OverlapPolicy First -WarningVariable told -WarningAction SilentlyContinue |
            ForEach-Object { $_.Payload.Length } | Should -Be 100
        "$told" | Should -BeLike '*Conflict: 10.0.0.1 > 10.0.0.2*'
    }

    It 'gives all in one object' {
        $result = @(New-TestFragment) + @(New-TestFragment -Id 2)[0] + (New-IPPacket 10.0.0.9) | Join-IPPacket -AsResult
        $result.Passed.Count, $result.Joined.Count, $result.Incomplete.Count, $result.Anomalies.Count | Should -Be 1, 1, 1, 0
        ($result | Out-String) | Should -Match 'Incomplete'
    }

    It 'gives up by the packets'' own time' {
        $fragments = @(New-TestFragment 40)
        $fragments[0].Timestamp = [datetimeoffset] '2024-01-01T00:00:00Z'
        $fragments[1].Timestamp = [datetimeoffset] '2024-01-01T00:00:31Z'
        $fragments | Join-IPPacket -WarningAction Ignore | Should -BeNullOrEmpty
        @($fragments | Join-IPPacket -TimeoutSec 60).Count | Should -Be 1
    }
}
