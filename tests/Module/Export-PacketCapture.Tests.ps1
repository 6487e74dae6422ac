. $PSScriptRoot/common.ps1

Describe 'Export-PacketCapture' {
    It 'writes <Name>, which tshark reads without a complaint' -ForEach @(@{ Name = 'a.pcapng' }, @{ Name = 'a.pcap' }) {
        $path = Join-Path $TestDrive $Name
        $packets = 80, 81 | ForEach-Object { New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment $_ 4000 -Flags S -Option 'mss 1460' }
        ($packets | Export-PacketCapture $path -PassThru).Name | Should -Be $Name
        [convert]::ToHexString([System.IO.File]::ReadAllBytes($path)[0..3]) | Should -Be ($Name -eq 'a.pcap' ? '4D3CB2A1' : '0A0D0D0A')
        if (Get-Command tshark -ErrorAction Ignore) {
            tshark -r $path -T fields -e tcp.dstport 2>$null | Should -Be 80, 81
            tshark -r $path -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -Y '_ws.malformed or tcp.checksum.status == 0' 2>$null | Should -BeNullOrEmpty
        }
    }

    It 'saves what was received raw' {
        $wire = New-PacketWire
        New-IPPacket 10.0.0.1 10.0.0.2 | New-UdpDatagram 9 -Data x | Send-RawPacket -Link $wire.A -Count 3
        $path = Join-Path $TestDrive raw.pcapng
        Receive-RawPacket -Link $wire.B -Count 3 | Export-PacketCapture $path
        (Get-Item $path).Length | Should -BeGreaterThan 200
    }

    It 'works where the current location is' {
        Push-Location $TestDrive
        try { New-IPPacket 10.0.0.1 | Export-PacketCapture ./here.pcap } finally { Pop-Location }
        Join-Path $TestDrive here.pcap | Should -Exist
    }

    It 'reports FileExists and FileNotWritable, and obeys -WhatIf' {
        $path = Join-Path $TestDrive x.pcapng
        New-IPPacket 10.0.0.1 | Export-PacketCapture $path -WhatIf
        $path | Should -Not -Exist
        New-IPPacket 10.0.0.1 | Export-PacketCapture $path
        Get-ErrorId { New-IPPacket 10.0.0.1 | Export-PacketCapture $path -NoClobber } | Should -Be FileExists
        Get-ErrorId { New-IPPacket 10.0.0.1 | Export-PacketCapture (Join-Path $TestDrive no/such/folder.pcap) } | Should -Be FileNotWritable
    }

    It 'reports a classic file with frames of two kinds' {
        $path = Join-Path $TestDrive mixed.pcap
        Get-ErrorId { (New-IPPacket 10.0.0.1), (New-EthernetFrame) | Export-PacketCapture $path } | Should -Be InvalidArgument
    }
}
