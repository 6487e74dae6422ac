. $PSScriptRoot/common.ps1

Describe 'Import-PacketCapture' {
    BeforeAll {
        function New-TestCapture([string] $Name, [int] $Count = 3, [hashtable] $Options = @{}) {
            $path = Join-Path $TestDrive $Name
            1..$Count | ForEach-Object { New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment (79 + $_) 4000 -Flags S } |
                Export-PacketCapture $path @Options
            $path
        }
    }

    It 'reads back from <Name> what was written' -ForEach @(
        @{ Name = 'a.pcapng' }, @{ Name = 'a.pcap' }, @{ Name = 'a.erf' }, @{ Name = 'a.pcapng.gz' }, @{ Name = 'a.pcap.gz' }) {
        $packets = @(Import-PacketCapture (New-TestCapture $Name))
        $packets.Count | Should -Be 3
        $packets[0] | Should -BeOfType TcpTools.Packets.Packet
        $packets.Tcp.DestinationPort | Should -Be 80, 81, 82
        $packets.Number | Should -Be 1, 2, 3
        $packets.Timestamp[0] | Should -BeGreaterThan ([datetimeoffset]::Now.AddMinutes(-5))
        $packets | ForEach-Object { $_.Anomalies } | Should -BeNullOrEmpty
    }

    It 'keeps what is known of a packet' {
        $packet = New-EthernetFrame | New-IPPacket 10.0.0.2 10.0.0.1 | New-UdpDatagram 53 -Data ('x' * 200)
        $packet.Timestamp = [datetimeoffset] '2024-02-29T12:00:00.1234567Z'
        $packet.TimestampNanoseconds += 89
        $packet.Comment = 'look here'
        $packet.Interface = 'eth7'
        $packet.Direction = 'Outgoing'
        $packet.WireLength = 9000
        $path = Join-Path $TestDrive known.pcapng
        $packet, (New-IPPacket 10.0.0.1) | Export-PacketCapture $path -Comment 'both'
        $read = @(Import-PacketCapture $path)
        $read[0].TimestampNanoseconds | Should -Be $packet.TimestampNanoseconds
        $read[0].Comment, $read[0].Interface, $read[0].Direction, $read[0].WireLength | Should -Be 'look here', eth7, Outgoing, 9000
        $read[0].Start, $read[1].Start | Should -Be Ethernet, IP
        $read[1].Interface | Should -Be packets
        Compare-Object $packet.ToBytes() $read[0].ToBytes() | Should -BeNullOrEmpty
        if (Get-Command tshark -ErrorAction Ignore) {
            $fields = tshark -r $path -T fields -e frame.comment -e frame.interface_name -e frame.len -e frame.time_epoch 2>$null
            $fields[0] | Should -Be "look here`teth7`t9000`t1709208000.123456789"
            capinfos -k -T -r -m $path 2>$null | Should -Match both
        }
    }

    It 'passes on what it cannot take apart, with its link type' {
        $path = Join-Path $TestDrive usb.pcap
        [byte[]] $file = 0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0 + @(0) * 8 + 0xFF, 0xFF, 0, 0, 220, 0, 0, 0 + @(1, 0, 0, 0) * 2 + @(3, 0, 0, 0) * 2 + 7, 8, 9
        [System.IO.File]::WriteAllBytes($path, $file)
        $packet = Import-PacketCapture $path
        $packet.Start, $packet.LinkType, $packet.Payload.Length | Should -Be Unknown, 220, 3
        $packet | Export-PacketCapture $path -Microseconds
        [System.IO.File]::ReadAllBytes($path)[20] | Should -Be 220
    }

    It 'takes several files, wildcards and what Get-ChildItem finds' {
        $null = New-TestCapture many1.pcap 2
        $null = New-TestCapture 'many[2].pcap' 3
        @(Import-PacketCapture (Join-Path $TestDrive 'many*.pcap')).Count | Should -Be 5
        @(Get-ChildItem $TestDrive -Filter 'many*' | Import-PacketCapture).Count | Should -Be 5
        @(Import-PacketCapture -LiteralPath (Join-Path $TestDrive 'many[2].pcap')).Count | Should -Be 3
        @((Join-Path $TestDrive many1.pcap), (Join-Path $TestDrive many1.pcap) | Import-PacketCapture -Skip 1 -First 2).Count | Should -Be 2
        Push-Location $TestDrive
        try { @(Import-PacketCapture ./many1.pcap).Count | Should -Be 2 } finally { Pop-Location }
    }

    It 'gives bytes, and only so many' {
        $bytes = @(Import-PacketCapture (New-TestCapture bytes.pcap 5) -AsBytes -First 2)
        $bytes.Count | Should -Be 2
        $bytes[0].Length | Should -Be 40
        (Import-PacketCapture (New-TestCapture bytes.pcap 5) -Skip 4).Tcp.DestinationPort | Should -Be 84
    }

    It 'stops reading when nobody wants more' {
        $path = New-TestCapture stop.pcap 4
        # What follows would be an error.
        [System.IO.File]::AppendAllText($path, 'rubbish')
        @(Import-PacketCapture $path -ErrorAction Stop | Select-Object -First 4).Count | Should -Be 4
    }

    It 'gives everything before a damage, then one error, and goes on with the next file' {
        $damaged = New-TestCapture damaged.pcapng 4
        $bytes = [System.IO.File]::ReadAllBytes($damaged)
        [System.IO.File]::WriteAllBytes($damaged, $bytes[0..($bytes.Length - 5)])
        $packets = @(Import-PacketCapture $damaged, (New-TestCapture good.pcap 2) -ErrorVariable problem -ErrorAction SilentlyContinue)
        $packets.Count | Should -Be 5
        @($problem).Count | Should -Be 1
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'InvalidData,*'
        $problem[0].Exception.Message | Should -BeLike '*damaged.pcapng*byte*'
    }

    It 'reports FileNotFound, FileNotReadable and InvalidData' {
        Get-ErrorId { Import-PacketCapture (Join-Path $TestDrive none.pcap) } | Should -Be FileNotFound
        Get-ErrorId { Import-PacketCapture -LiteralPath (Join-Path $TestDrive none.pcap) } | Should -Be FileNotFound
        Get-ErrorId { Import-PacketCapture $TestDrive } | Should -Be FileNotReadable
        Set-Content (Join-Path $TestDrive text.pcap) 'some text, not a capture'
        Get-ErrorId { Import-PacketCapture (Join-Path $TestDrive text.pcap) } | Should -Be InvalidData
    }

    It 'filters in the language of tcpdump, each kind of packet by its own' {
        $path = Join-Path $TestDrive filter.pcapng
        80, 81, 80 | ForEach-Object { New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment $_ 4000 } | Export-PacketCapture $path
        80, 81 | ForEach-Object { New-EthernetFrame | New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment $_ 4000 } | Export-PacketCapture $path -Append
        $id = Get-ErrorId { Import-PacketCapture $path -Filter 'no filter at all' }
        if ($id -eq 'MissingLibrary') { Set-ItResult -Skipped -Because 'libpcap is not installed'; return }
        $id | Should -Be InvalidFilter
        @(Import-PacketCapture $path 'tcp port 80').Number | Should -Be 1, 3, 4
        @(Import-PacketCapture $path 'tcp port 80' -Skip 1 -First 1).Number | Should -Be 3
    }

    It 'continues a file, and waits for more until it is stopped' {
        $path = New-TestCapture more.pcap 1
        New-IPPacket 10.0.0.9 | Export-PacketCapture $path -Append
        @(Import-PacketCapture $path).Count | Should -Be 2
        @(Import-PacketCapture $path -Wait -First 2).Count | Should -Be 2
        Measure-Stop 'Import-PacketCapture $args[0] -Wait' $path | Should -BeLessThan 100
    }

    It 'is stopped while it waits for a pipe' {
        $pipe = Join-Path $TestDrive pipe
        mkfifo $pipe
        Measure-Stop 'Import-PacketCapture $args[0]' $pipe -Tries 1 | Should -BeLessThan 300
    }

    It 'reads a pipe' {
        $pipe = Join-Path $TestDrive fifo
        mkfifo $pipe
        $source = New-TestCapture source.pcapng 3
        $writer = [System.Diagnostics.Process]::Start('sh', [string[]] ('-c', "cat '$source' > '$pipe'"))
        @(Import-PacketCapture $pipe).Count | Should -Be 3
        $writer.WaitForExit()
    }
}
