. $PSScriptRoot/common.ps1

Describe 'Format-Packet' {
    BeforeAll {
        $packet = New-IPPacket 10.0.0.2 10.0.0.1 -DontFragment | New-TcpSegment 80 4000 -Checksum 0xBEEF -Option 'mss 1460' -Data 'hello'
    }

    It 'shows the tree of fields, computed and set' {
        $lines = $packet | Format-Packet
        $lines | Should -Contain '   6.1  DontFragment    yes'
        $lines | Should -Contain '     9  Protocol        6 (TCP)  computed'
        $lines | Should -Contain '    36  Checksum         0xbeef  set'
        $lines | Should -Contain '      42  Value   1460'
        $lines | Should -BeOfType string
        $packet | Format-Packet -Layer pay* | Should -HaveCount 2
    }

    It 'shows bytes, and bytes field by field' {
        $packet | Format-Packet Hex | Should -HaveCount 4
        ($packet | Format-Packet Hex)[-2] | Should -Match '^0020 .*hell'
        $packet | Format-Packet HexFields | Should -Contain '0006  .1.. ....                                         IP.DontFragment yes'
        $packet | Format-Packet Hex -Layer Payload | Should -Match '^0000  68 65 6c 6c 6f '
    }

    It 'tells times relative to the first packet and to the one before' {
        $seen = 0, 0.25, 1 | ForEach-Object { $copy = $packet | Copy-Packet; $copy.Timestamp = [DateTimeOffset]::UnixEpoch.AddSeconds($_); $copy }
        $seen | Format-Packet Line -Time Relative | Should -Match '^ +(0\.000000|0\.250000|1\.000000) IP 10'
        ($seen | Format-Packet Line -Time Delta)[2] | Should -Match '^ +0\.750000 IP'
        ($seen | Format-Packet Line)[0] | Should -Match '^\d\d:\d\d:\d\d\.000000 IP'
        ($seen | Format-Packet Line -Time None)[0] | Should -Match '^IP'
    }

    It 'writes JSON that ConvertFrom-Json reads' {
        $object = $packet | Format-Packet Json | ConvertFrom-Json
        $object.TCP.Options[0].Value, $object.IP.Source, $object.TCP.Flags | Should -Be 1460, 10.0.0.1, S
        $packet | Format-Packet Json -Compress | Should -Not -Match "`n"
    }

    It 'is plain in files and variables and coloured for a terminal' {
        $path = Join-Path $TestDrive tree.txt
        $packet | Format-Packet > $path
        Get-Content -Raw $path | Should -Not -Match "`e"
        Get-Content $path | Should -Contain '    36  Checksum         0xbeef  set'
        $packet | Format-Packet | Out-String | Should -Match '0xbeef  set'
        # Behind a table of other objects the lines stay lines.
        & { $packet; $packet | Format-Packet } | Out-String -Width 200 | Should -Match '(?m)^    36  Checksum         0xbeef  set'
    }

    It 'takes whatever stands for a packet, and says what does not' {
        , ($packet | ConvertTo-PacketBytes) | Format-Packet Line | Should -Match '^IP 10.0.0.1.4000'
        Get-ErrorId { 'text' | Format-Packet -ErrorAction Stop } | Should -Be ParameterArgumentTransformationError
        Get-Completion '$p = New-IPPacket; Format-Packet -Layer TC' | Should -Be TCP
    }

    It 'has fields as objects behind it, which know their bits' {
        $fields = $packet.GetFields().Leaves()
        ($fields | Measure-Object BitLength -Sum).Sum | Should -Be ($packet.Length * 8)
        ($fields | Where-Object State -EQ Fixed).Path | Should -Be TCP.Checksum
        $fields[0] | Format-Table | Out-String | Should -Match 'Version'
    }
}

Describe 'A packet on the screen' {
    It 'is a line with number, time and length, or columns, or a list' {
        $packet = New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 4000
        $packet.Number = 7
        $packet.Timestamp = [DateTimeOffset]::Now
        $packet | Format-Table | Out-String -Width 160 | Should -Match '(?m)^ +7 \d\d:\d\d:\d\d\.\d{3} +IP 10.0.0.1.4000 > 10.0.0.2.80: Flags'
        $packet | Format-Table -View Columns | Out-String -Width 160 | Should -Match '10.0.0.1:4000 +10.0.0.2:80 +TCP +40 Flags \[S\]'
        $packet | Format-List | Out-String | Should -Match 'Flow +: TCP 10.0.0.1:4000 <> 10.0.0.2:80'
    }

    It 'can be grouped by conversation, whichever way it goes' {
        $there = New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 4000, 4001
        $back = New-IPPacket 10.0.0.1 10.0.0.2 | New-TcpSegment 4000 80 -Flags SA
        $groups = $there + $back | Group-Object Flow
        $groups.Name | Should -Be 'TCP 10.0.0.1:4000 <> 10.0.0.2:80', 'TCP 10.0.0.1:4001 <> 10.0.0.2:80'
        $groups[0].Count | Should -Be 2
        ($back | Select-Object Source, Destination, Protocol, Length, Info).Info | Should -Match '^Flags \[S\.\]'
        (New-IPPacket ::1 | New-UdpDatagram 53 4000).Flow | Should -Be 'UDP [::1]:53 <> [::1]:4000'
        (New-IPPacket 10.0.0.2 10.0.0.1 | New-IcmpMessage -Identifier 5).Flow | Should -Be 'ICMP 10.0.0.1 <> 10.0.0.2 id 5'
        (New-EthernetFrame | New-ArpPacket 10.0.0.1 10.0.0.2).Protocol | Should -Be ARP
        (New-IPPacket 10.0.0.2 -Protocol 132 -Data x).Protocol | Should -Be SCTP
    }
}
