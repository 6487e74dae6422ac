. $PSScriptRoot/common.ps1

Describe 'Compare-Packet' {
    BeforeAll {
        $one = New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 4000 -Data abc
        $other = New-IPPacket 10.0.0.2 10.0.0.1 -TimeToLive 63 | New-TcpSegment 80 4000 -Data abd
    }

    It 'names the fields that differ, with both values' {
        $found = Compare-Packet $one $other
        $found.Path | Should -Be IP.TimeToLive, IP.Checksum, TCP.Checksum, Payload.Data
        $found[0].ReferenceText, $found[0].DifferenceText, $found[0].Layer, $found[0].Field | Should -Be 64, 63, IP, TimeToLive
        Compare-Packet $one ($one | Copy-Packet) | Should -BeNullOrEmpty
        Compare-Packet $one ($one | ConvertTo-PacketBytes | ForEach-Object { ConvertFrom-PacketBytes $_ }) | Should -BeNullOrEmpty
        $found | Format-Table | Out-String | Should -Match 'TimeToLive +64 +63'
    }

    It 'leaves out what is not wanted' {
        ($other | Compare-Packet $one -IgnoreComputed).Path | Should -Be IP.TimeToLive, Payload.Data
        ($other | Compare-Packet $one -Ignore Checksum, Payload).Path | Should -Be IP.TimeToLive
        Compare-Packet $one $other -Ignore IP.*, TCP, Data | Should -BeNullOrEmpty
        Get-Completion 'Compare-Packet -Ignore IP.Ti' | Should -Be IP.TimeToLive
    }

    It 'shows the bytes of both' {
        $lines = Compare-Packet $one $other -AsHex
        $lines[0] | Should -Match '^- 0000 .*'
        $lines[1] | Should -Match '^\+ 0000 .* 3f 06 '
        $lines[2] | Should -Match '\^\^'
    }
}
