. $PSScriptRoot/common.ps1

Describe 'ConvertFrom-PacketBytes' {
    It 'takes arrays, piped bytes, text, and several arrays' {
        $packet = New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80
        $bytes = $packet | ConvertTo-PacketBytes
        (ConvertFrom-PacketBytes $bytes).ToString() | Should -Be $packet.ToString()
        ($bytes | ConvertFrom-PacketBytes).ToString() | Should -Be $packet.ToString()
        @($bytes, $bytes | ConvertFrom-PacketBytes).Count | Should -Be 2
        (ConvertFrom-PacketBytes ($packet | ConvertTo-PacketBytes -AsHex)).ToString() | Should -Be $packet.ToString()
    }

    It 'round-trips any bytes exactly, and tells what is wrong with them' {
        $random = [System.Random]::new(9)
        foreach ($length in 1, 19, 20, 40, 41, 100) {
            $bytes = [byte[]]::new($length)
            $random.NextBytes($bytes)
            $bytes[0] = 0x45
            (ConvertTo-PacketBytes (ConvertFrom-PacketBytes $bytes) -AsHex) | Should -Be ([convert]::ToHexStringLower($bytes))
        }
        (ConvertFrom-PacketBytes '4500').Anomalies.Kind | Should -Contain TruncatedHeader
        # An option of length 0 has stopped other parsers for ever.
        $packet = New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 -Option ([byte[]] (2, 0, 0, 0))
        $packet.Anomalies.Kind | Should -Contain MalformedOption
    }

    It 'takes Ethernet frames and other libraries'' packets' {
        $frame = New-EthernetFrame | New-ArpPacket 10.0.0.1
        (ConvertFrom-PacketBytes ($frame | ConvertTo-PacketBytes) -Start Ethernet).Arp | Should -Not -BeNullOrEmpty
        $foreign = [pscustomobject]@{ LinkLayerType = 'Ethernet'; Data = [byte[]] ($frame | ConvertTo-PacketBytes) }
        ($foreign | ConvertFrom-PacketBytes).ToString() | Should -Be $frame.ToString()
    }

    It 'reports InvalidData and WrongInputType' {
        Get-ErrorId { ConvertFrom-PacketBytes xyz } | Should -Be InvalidData
        Get-ErrorId { Get-Date | ConvertFrom-PacketBytes } | Should -Be WrongInputType
    }
}
