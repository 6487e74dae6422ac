. $PSScriptRoot/common.ps1

# With SharpPcap and PacketDotNet themselves, where the build found them.

BeforeDiscovery {
    . $PSScriptRoot/conditions.ps1
    $noBridge = -not (Test-Path "$PSScriptRoot/../../module/bin/SharpPcap/TcpTools.SharpPcap.dll")
    $obstacle = $noBridge ? 'this build has no bridge to SharpPcap' : (Get-LabObstacle)
    if ($obstacle) { Write-Host "skipped: SharpPcap on devices: $obstacle" }
    $examples = foreach ($page in Get-ChildItem "$PSScriptRoot/../../docs/en-US/*-*.md") {
        foreach ($match in [regex]::Matches((Get-Content -Raw $page), '(?s)```powershell bridge\n(.*?)```\n\n([^\n]*)')) {
            @{ Page = $page.BaseName; Code = $match.Groups[1].Value; Remark = $match.Groups[2].Value }
        }
    }
}

BeforeAll {
    . $PSScriptRoot/conditions.ps1

    function Get-Hex($Packet) { ConvertTo-PacketBytes $Packet -AsHex }

    # Sound packets of every kind, by a seed: the same each time.
    function Get-SoundPacket([int] $Seed, [int] $Count) {
        $random = [System.Random]::new($Seed)
        for ($i = 0; $i -lt $Count; $i++) {
            $data = [byte[]]::new($random.Next(400))
            $random.NextBytes($data)
            # DRDA is what theirs takes a payload for whose third byte is 0xD0.
            if ($data.Length -gt 2) { $data[2] = 0 }
            $ip = New-IPPacket "10.0.$($random.Next(256)).$($random.Next(256))" 10.0.0.1 -TimeToLive $random.Next(1, 256) -Identification $random.Next(65536)
            $packet = switch ($random.Next(4)) {
                0 { $ip | New-TcpSegment $random.Next(1024, 4096) -Sequence $random.Next() -Option 'mss 1460', 'nop', 'wscale 7', 'sackOK' -Data $data }
                1 { $ip | New-TcpSegment $random.Next(1024, 4096) -Flags Ack, Psh -Acknowledgment $random.Next() -Data $data }
                2 { $ip | New-UdpDatagram $random.Next(20000, 30000) $random.Next(20000, 30000) -Data $data }
                3 { $ip | New-IcmpMessage -Data $data }
            }
            if ($random.Next(2)) { $packet = (New-EthernetFrame) / $packet }
            $packet
        }
    }
}

Describe 'Without the bridge' -Skip:(-not $noBridge) {
    It 'ConvertTo-PacketDotNet says what it needs' {
        $record = Get-TheError { New-IPPacket 10.0.0.1 | ConvertTo-PacketDotNet }
        $record.FullyQualifiedErrorId | Should -Be 'DriverMissing,TcpTools.PowerShell.ConvertToPacketDotNetCommand'
        $record.CategoryInfo.Category | Should -Be NotInstalled
        $record.ErrorDetails.RecommendedAction | Should -Match 'TCPTOOLS_PACKAGE_SOURCE'
    }
}

Describe 'ConvertTo-PacketDotNet' -Skip:$noBridge {
    It 'and back gives the same bytes for packets of every kind' {
        $packets = @(Get-SoundPacket 1 400)
        $theirs = @($packets | ConvertTo-PacketDotNet)
        $back = @($theirs | ConvertFrom-PacketBytes)
        $expected = @($packets | ConvertTo-PacketBytes -AsHex)
        $wrong = foreach ($i in 0..399) {
            if ([convert]::ToHexStringLower($theirs[$i].Bytes) -ne $expected[$i]) { "packet $i, $($packets[$i]), theirs" }
            if ((Get-Hex $back[$i]) -ne $expected[$i] -or $back[$i].Start -ne $packets[$i].Start) { "packet $i, $($packets[$i]), ours again" }
        }
        $wrong | Should -BeNullOrEmpty
    }

    It 'means the same by each field' {
        $packet = New-IPPacket 10.1.2.3 10.3.2.1 -TimeToLive 9 -Identification 77 | New-TcpSegment 80 4321 -Sequence 1234567890 -Flags Syn, Ack -Window 999 -Option 'mss 1400', 'sackOK' -Data hello
        $ip = ($packet | ConvertTo-PacketDotNet).PayloadPacket
        $tcp = $ip.PayloadPacket
        "$($ip.SourceAddress) $($ip.DestinationAddress) $($ip.TimeToLive) $($ip.Id) $($ip.TotalLength)" | Should -Be "10.3.2.1 10.1.2.3 9 77 $($packet.IP.TotalLength)"
        "$($tcp.SourcePort) $($tcp.DestinationPort) $($tcp.SequenceNumber) $($tcp.WindowSize) $($tcp.DataOffset)" | Should -Be '4321 80 1234567890 999 7'
        $tcp.Synchronize, $tcp.Acknowledgment, $tcp.Finished | Should -Be $true, $true, $false
        $tcp.ValidChecksum, $ip.ValidIPChecksum | Should -Be $true, $true
        [Text.Encoding]::ASCII.GetString($tcp.PayloadData) | Should -Be hello
    }

    It 'takes a packet that their library has made' {
        $bytes = Get-Hex (New-IPPacket 10.0.0.2 10.0.0.1 | New-UdpDatagram 5000 4000 -Data 'abc')
        $null = New-IPPacket 10.0.0.2 | ConvertTo-PacketDotNet
        $udp = [PacketDotNet.UdpPacket]::new(4000, 5000)
        $udp.PayloadData = [byte[]] [char[]] 'abc'
        $ip = [PacketDotNet.IPv4Packet]::new([ipaddress] '10.0.0.1', [ipaddress] '10.0.0.2')
        $ip.TimeToLive, $ip.PayloadPacket = 64, $udp
        $ip.Id = 1
        $ip.UpdateCalculatedValues(); $udp.UpdateCalculatedValues(); $ip.UpdateIPChecksum(); $udp.UpdateUdpChecksum()
        Get-Hex ($ip | ConvertFrom-PacketBytes) | Should -Be $bytes
        ($udp | ConvertFrom-PacketBytes).Udp.Checksum | Should -Be $udp.Checksum
        $ethernet = [PacketDotNet.EthernetPacket]::new('02-00-00-00-00-01', '02-00-00-00-00-02', 'IPv4')
        $ethernet.PayloadPacket = $ip
        (New-UdpDatagram 9 -InputObject $ethernet.PayloadPacket).Layers.Name | Should -Contain UDP
        ($ethernet | ConvertFrom-PacketBytes).Layers.Name | Should -Be Ethernet, IP, UDP, Payload
    }

    It 'as a RawCapture keeps any bytes, the time to the nanosecond, and the length on the wire' {
        $random = [System.Random]::new(3)
        $wrong = foreach ($i in 1..300) {
            $bytes = [byte[]]::new($random.Next(1, 120))
            $random.NextBytes($bytes)
            if ($i % 2) { $bytes[0] = 0x45 }
            $packet = ConvertFrom-PacketBytes $bytes -Start ($i % 3 ? 'IP' : 'Ethernet')
            $packet.TimestampNanoseconds = 1700000000123456789 + $i
            $packet.WireLength = 1500
            $back = $packet | ConvertTo-PacketDotNet -AsRawCapture | ConvertFrom-PacketBytes
            $before = "$([convert]::ToHexStringLower($bytes)) $($packet.Start) $($packet.TimestampNanoseconds) 1500"
            $after = "$(Get-Hex $back) $($back.Start) $($back.TimestampNanoseconds) $($back.WireLength)"
            if ($after -ne $before) { "$before became $after" }
        }
        $wrong | Should -BeNullOrEmpty
    }

    It 'never asks their parser for more than bytes: an option of length 0, over which it never ends, passes' {
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $packet = New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 -Option ([byte[]] (2, 0, 0, 0)) -Data 'x'
        $theirs = $packet | ConvertTo-PacketDotNet
        Get-Hex ($theirs | ConvertFrom-PacketBytes) | Should -Be (Get-Hex $packet)
        Get-Hex ($packet | ConvertTo-PacketDotNet -AsRawCapture | ConvertFrom-PacketBytes) | Should -Be (Get-Hex $packet)
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 5
    }

    It 'comes through with malformed packets, or says that theirs cannot: <What>' -ForEach @(
        @{ What = 'urgent with options'; Make = { New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 -Flags Urg -UrgentPointer 65535 -Option 'mss 1460' } }
        @{ What = 'data offset 3'; Make = { New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 -DataOffset 12 } }
        @{ What = 'data offset past the end'; Make = { New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 -DataOffset 60 } }
        @{ What = 'header length past the end'; Make = { New-IPPacket 10.0.0.2 10.0.0.1 -HeaderLength 60 } }
        @{ What = 'a wrong total length'; Make = { New-IPPacket 10.0.0.2 10.0.0.1 -TotalLength 9 | New-UdpDatagram 9 } }
        @{ What = 'a cut header'; Make = { ConvertFrom-PacketBytes '4500001c0001' } }
        @{ What = 'nothing that is IP'; Make = { ConvertFrom-PacketBytes 'ff00' } }
    ) {
        $packet = & $Make
        Get-Hex ($packet | ConvertTo-PacketDotNet -AsRawCapture | ConvertFrom-PacketBytes) | Should -Be (Get-Hex $packet)
        try { $theirs = $packet | ConvertTo-PacketDotNet -ErrorAction Stop }
        catch {
            $_.FullyQualifiedErrorId | Should -BeLike 'InvalidData,*'
            $_.ErrorDetails.RecommendedAction | Should -Match AsRawCapture
            return
        }
        $theirs.GetType().FullName | Should -BeLike 'PacketDotNet.*'
    }

    It '<Page>: its example runs' -ForEach $examples {
        $output = [scriptblock]::Create($Code).Invoke() | Out-String
        foreach ($promise in [regex]::Matches("$Code`n$Remark", '(?i)prints: (.*?)\s*(\n|$)')) {
            $output | Should -Match ([regex]::Escape($promise.Groups[1].Value))
        }
    }
}

Describe 'Files and devices of SharpPcap' -Skip:$noBridge {
    It 'reads a file of ours as a link, every frame exact' {
        $null = New-IPPacket 10.0.0.2 | ConvertTo-PacketDotNet
        $packets = @(Get-SoundPacket 5 50 | ForEach-Object { $_.Ethernet ? $_ : (New-EthernetFrame) / $_ })
        $file = Join-Path $TestDrive frames.pcapng
        $packets | Export-PacketCapture $file
        $device = [SharpPcap.LibPcap.CaptureFileReaderDevice]::new($file)
        $got = @(Receive-RawPacket -Link $device -All)
        $got.Count | Should -Be 50
        for ($i = 0; $i -lt 50; $i++) { Get-Hex $got[$i] | Should -Be (Get-Hex $packets[$i]) }
        $device.Opened | Should -BeFalse -Because 'who opened it closed it'
        @(Receive-RawPacket $file -Driver SharpPcap -All -Filter udp).Count | Should -Be @($packets | Where-Object Udp).Count
        Get-ErrorId { Receive-RawPacket -Driver SharpPcap } | Should -Be InvalidArgument
        Get-ErrorId { Receive-RawPacket nosuch0 -Driver SharpPcap } | Should -Be InvalidArgument
    }

    It 'RawCapture of a file can be piped, with the file''s time' {
        $packet = (New-EthernetFrame) / (New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80)
        $packet.TimestampNanoseconds = 1700000000123456000
        $file = Join-Path $TestDrive one.pcap
        $packet | Export-PacketCapture $file
        $null = $packet | ConvertTo-PacketDotNet
        $got = @([SharpPcap.LibPcap.PcapDevice]::GetSequence([SharpPcap.LibPcap.CaptureFileReaderDevice]::new($file), $true) | ConvertFrom-PacketBytes)
        Get-Hex $got[0] | Should -Be (Get-Hex $packet)
        $got[0].TimestampNanoseconds | Should -Be 1700000000123456000
    }

    It 'Import-PacketCapture reads through SharpPcap what it reads itself' {
        $packets = @(Get-SoundPacket 6 30 | ForEach-Object { $_.Ethernet ? $_ : (New-EthernetFrame) / $_ })
        $time = 1700000000000000123
        foreach ($packet in $packets) { $packet.TimestampNanoseconds = ($time += 1001) }
        $file = Join-Path $TestDrive nano.pcapng
        $packets | Export-PacketCapture $file
        $ours = @(Import-PacketCapture $file)
        $theirs = @(Import-PacketCapture $file -Driver SharpPcap)
        $theirs.Count | Should -Be 30
        foreach ($i in 0..29) {
            Get-Hex $theirs[$i] | Should -Be (Get-Hex $ours[$i])
            $theirs[$i].TimestampNanoseconds, $theirs[$i].WireLength, $theirs[$i].Number |
                Should -Be $ours[$i].TimestampNanoseconds, $ours[$i].WireLength, $ours[$i].Number
        }
        @(Import-PacketCapture $file -Driver SharpPcap -Filter tcp).Count | Should -Be @($packets | Where-Object Tcp).Count
        @(Import-PacketCapture $file -Driver SharpPcap -Skip 3 -First 2).Number | Should -Be 4, 5
        Get-ErrorId { Import-PacketCapture $file -Driver SharpPcap -Filter 'no such filter' -ErrorAction Stop } | Should -Not -Be 'no error'
        Set-Content (Join-Path $TestDrive text.pcap) 'this is no capture'
        Get-ErrorId { Import-PacketCapture (Join-Path $TestDrive text.pcap) -Driver SharpPcap -ErrorAction Stop } | Should -Be SystemError
        Get-ErrorId { Import-PacketCapture $file -Driver NoSuch } | Should -Be DriverMissing
    }

    It 'sends and receives on a pair of devices, loses nothing at the end, sees nothing that it sent, and gives up in time' -Skip:([bool] $obstacle) -Tag Root {
        $script = Join-Path $TestDrive live.ps1
        Set-Content $script @"
`$ErrorActionPreference = 'Stop'
Import-Module '$moduleRoot/TcpTools.psd1'
`$null = New-IPPacket 10.0.0.2 | ConvertTo-PacketDotNet
`$list = [SharpPcap.LibPcap.LibPcapLiveDeviceList]::Instance
`$left, `$right = 'left', 'right' | ForEach-Object { `$name = `$_; `$list | Where-Object Name -EQ `$name }
# A device that stays open: the frames wait in it.
`$configuration = [SharpPcap.DeviceConfiguration]@{ ReadTimeout = 1; BufferSize = 8MB }
`$right.Open(`$configuration)
`$right.Filter = 'udp'
`$null = Receive-RawPacket -Link `$right -All -TimeoutSec 0.01
`$packets = foreach (`$i in 1..500) { (New-EthernetFrame 02:00:00:00:00:02 02:00:00:00:00:01) / (New-IPPacket 10.0.0.2 10.0.0.1 | New-UdpDatagram `$i -Data "frame `$i") }
`$packets | Send-RawPacket -Link `$left
(New-EthernetFrame) / (New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80) | Send-RawPacket -Link `$left
`$watch = [System.Diagnostics.Stopwatch]::StartNew()
`$got = @(Receive-RawPacket -Link `$right -All)
"got `$(`$got.Count) first `$(`$got[0].Payload.Text) last `$(`$got[-1].Payload.Text)"
"time `$(`$watch.Elapsed.TotalSeconds -lt 4)"
`$packets[0] | Send-RawPacket -Link `$right
"own `$(@(Receive-RawPacket -Link `$right -All -TimeoutSec 0.1).Count)"
try { Receive-RawPacket -Link `$right -TimeoutSec 0.1 } catch { "id `$(`$_.FullyQualifiedErrorId)" }
"open `$(`$right.Opened) `$(`$left.Opened)"
`$right.Close()
`$link = Get-PacketLink right -Driver SharpPcap
`$job = Start-ThreadJob { Import-Module '$moduleRoot/TcpTools.psd1'; Receive-RawPacket right -Driver SharpPcap -Count 20 -Filter 'udp' -TimeoutSec 10 }
Start-Sleep -Milliseconds 1500
`$packets[0..19] | Send-RawPacket -Link (Get-PacketLink left -Driver SharpPcap)
"driver `$(`$link.Driver) `$(@(`$job | Receive-Job -Wait | ForEach-Object { `$_.Payload.Text }) -join ',')"
"@
        $place = New-LabNamespace
        try {
            $null = $place.Configure('link', 'add', 'left', 'type', 'veth', 'peer', 'name', 'right')
            'left', 'right' | ForEach-Object { $null = $place.Configure('link', 'set', $_, 'up') }
            $result = Invoke-LabCommand $place $childPowerShell -NoProfile -NonInteractive -File $script
            $result.Error | Should -BeNullOrEmpty
            $lines = $result.Output -split "`n"
            $lines | Should -Contain 'got 500 first frame 1 last frame 500'
            $lines | Should -Contain 'time True'
            $lines | Should -Contain 'own 0'
            $lines | Should -Contain 'id TimedOut,TcpTools.PowerShell.ReceiveRawPacketCommand'
            $lines | Should -Contain 'open True False'
            $lines | Should -Contain "driver SharpPcap $((1..20 | ForEach-Object { "frame $_" }) -join ',')"
        }
        finally { Remove-LabNamespace $place }
    }
}
