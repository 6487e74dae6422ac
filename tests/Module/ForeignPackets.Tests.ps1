. $PSScriptRoot/common.ps1

# Packets of SharpPcap and PacketDotNet by the names of their types and members: stand-ins here, the libraries themselves in
# SharpPcap.Tests.ps1, where they are to be had.

BeforeAll {
    # By the types themselves, since the libraries' own may be loaded under the same names.
    $types = @{}
    Add-Type -PassThru -IgnoreWarnings -WarningAction Ignore -TypeDefinition @'
namespace SharpPcap
{
    public enum LinkLayers { Null = 0, Ethernet = 1, Raw = 101 }
    public class PosixTimeval { public decimal Value { get; set; } public ulong Seconds => (ulong)Value; public ulong MicroSeconds => (ulong)(Value % 1 * 1e6M); }
    public class RawCapture
    {
        public LinkLayers LinkLayerType { get; set; }
        public PosixTimeval Timeval { get; set; }
        public byte[] Data;
        public int PacketLength { get; set; }
    }
}
namespace PacketDotNet
{
    public abstract class Packet { public byte[] Bytes { get; set; } public object Options => throw new System.InvalidOperationException("asked for more than bytes"); }
    public class EthernetPacket : Packet { }
    public class IPv4Packet : Packet { }
    public class RawIPPacket : Packet { }
    public class ArpPacket : Packet { }
    public class TcpPacket : Packet { }
    public class UdpPacket : Packet { }
    public class LldpPacket : Packet { }
    public class BrokenPacket { public byte[] Bytes => throw new System.InvalidOperationException("out of range"); }
}
'@ | ForEach-Object { $types[$_.FullName] = $_ }

    function New-RawCapture($Packet, $LinkType = 'Ethernet') {
        $time = $types['SharpPcap.PosixTimeval']::new()
        $time.Value = 1700000000.123456789d
        $raw = $types['SharpPcap.RawCapture']::new()
        $raw.Timeval, $raw.LinkLayerType, $raw.Data = $time, $LinkType, (ConvertTo-PacketBytes $Packet)
        $raw.PacketLength = $raw.Data.Length
        $raw
    }

    function New-Foreign([string] $Type, $Packet) {
        $foreign = $types["PacketDotNet.$Type"]::new()
        $foreign.Bytes = $Packet -is [byte[]] ? $Packet : (ConvertTo-PacketBytes $Packet)
        $foreign
    }

    $ip = New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 -Option 'mss 1460' -Data 'GET /'
    $frame = (New-EthernetFrame) / $ip
}

Describe 'Packets of other libraries' {
    It 'takes a RawCapture with its time, its link type and its length' {
        $raw = New-RawCapture $frame
        $raw.PacketLength = 1400
        $packet = $raw | ConvertFrom-PacketBytes
        $packet.ToString() | Should -Be $frame.ToString()
        $packet.TimestampNanoseconds | Should -Be 1700000000123456789
        $packet.WireLength | Should -Be 1400
        (New-RawCapture $ip Raw | ConvertFrom-PacketBytes).ToString() | Should -Be $ip.ToString()
        (New-RawCapture $ip Raw | ConvertFrom-PacketBytes).Start | Should -Be IP
    }

    It 'does not share the bytes with the RawCapture' {
        $raw = New-RawCapture $frame
        $packet = $raw | ConvertFrom-PacketBytes
        [array]::Clear($raw.Data)
        $packet.ToString() | Should -Be $frame.ToString()
    }

    It 'takes a <Type>' -ForEach @(
        @{ Type = 'EthernetPacket'; Make = { $frame } }
        @{ Type = 'IPv4Packet'; Make = { $ip } }
        @{ Type = 'RawIPPacket'; Make = { $ip } }
        @{ Type = 'ArpPacket'; Make = { New-ArpPacket 10.0.0.1 } }
        @{ Type = 'UdpPacket'; Make = { New-UdpDatagram 53 -Data 'question' } }
        @{ Type = 'TcpPacket'; Make = { New-TcpSegment 80 -Option 'mss 1460' -Data 'GET /' } }
    ) {
        $original = & $Make
        $packet = New-Foreign $Type $original | ConvertFrom-PacketBytes
        $packet.Layers.Name | Should -Be $original.Layers.Name
        $packet | ConvertTo-PacketBytes -AsHex | Should -Be ($original | ConvertTo-PacketBytes -AsHex)
    }

    It 'keeps a segment exact that was taken out of its packet, checksum and malformed options included' {
        $whole = New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 -Option ([byte[]] (2, 0, 0, 0)) -DataOffset 12 -Data 'x'
        $bytes = $whole | ConvertTo-PacketBytes
        $segment = [byte[]] $bytes[20..($bytes.Length - 1)]
        $foreign = New-Foreign TcpPacket $segment
        $packet = $foreign | ConvertFrom-PacketBytes
        $packet.Tcp.Checksum | Should -Be $whole.Tcp.Checksum
        ConvertTo-PacketBytes $packet -AsHex | Should -Be ([convert]::ToHexStringLower($segment))
    }

    It 'keeps a protocol unknown here as bytes' {
        $foreign = New-Foreign LldpPacket ([byte[]] (2, 7, 4, 1, 2, 3))
        ($foreign | ConvertFrom-PacketBytes).Payload.Data | Should -Be 2, 7, 4, 1, 2, 3
    }

    It 'takes objects that were serialized, of ours and of theirs, with their time' {
        $frame.TimestampNanoseconds = 1700000000123456789
        $frame.Comment = 'the first'
        $file = Join-Path $TestDrive packets.xml
        @($frame, (New-RawCapture $frame), (New-Foreign EthernetPacket $frame), (New-RawCapture $ip Raw)) | Export-Clixml $file
        $ours, $raw, $theirs, $rawIP = Import-Clixml $file | ForEach-Object { $_ | ConvertFrom-PacketBytes }
        foreach ($packet in $ours, $raw, $theirs) { $packet.ToString() | Should -Be $frame.ToString() }
        $rawIP.ToString() | Should -Be $ip.ToString()
        $ours.TimestampNanoseconds, $raw.TimestampNanoseconds | Should -Be 1700000000123456789, 1700000000123456789
        $ours.Comment | Should -Be 'the first'
    }

    It 'takes what JSON made of one' {
        $json = [pscustomobject]@{ LinkLayerType = 1; Data = ConvertTo-PacketBytes $frame } | ConvertTo-Json | ConvertFrom-Json
        ($json | ConvertFrom-PacketBytes).ToString() | Should -Be $frame.ToString()
    }

    It 'is understood by every cmdlet that takes packets: <_>' -ForEach @(
        (Get-Command -Module TcpTools | Where-Object {
            $_.Parameters.Values.Attributes | Where-Object { $_.GetType().Name -eq 'PacketTransformAttribute' }
        }).Name | Where-Object { $_ -notlike 'New-*' -and $_ -notlike 'Compare-*' }
    ) {
        $parameter = (Get-Command $_).Parameters.Values | Where-Object { $_.Attributes.Where{ $_.GetType().Name -eq 'PacketTransformAttribute' } } |
            Select-Object -First 1
        $transform = $parameter.Attributes.Where{ $_.GetType().Name -eq 'PacketTransformAttribute' }[0]
        foreach ($value in (New-RawCapture $frame), (New-Foreign EthernetPacket $frame), [psobject]::AsPSObject((New-RawCapture $frame))) {
            "$($transform.Transform($null, $value))" | Should -Be "$frame"
        }
        $bytes = ConvertTo-PacketBytes $ip
        "$($transform.Transform($null, $bytes))" | Should -Be "$ip"
        "$($transform.Transform($null, [System.ReadOnlyMemory[byte]]::new($bytes)))" | Should -Be "$ip"
    }

    It 'composes with ours' {
        (New-Foreign EthernetPacket (New-EthernetFrame) | New-ArpPacket 10.0.0.1).Arp | Should -Not -BeNullOrEmpty
    }

    It 'says what to do with an array that was piped' {
        { , (ConvertTo-PacketBytes $ip) | Send-RawPacket -WhatIf -Link (New-PacketWire).A } | Should -Not -Throw
        { (ConvertTo-PacketBytes $ip) | Send-RawPacket -Link (New-PacketWire).A -ErrorAction Stop } | Should -Throw '*byte by byte*'
    }

    It 'tells an object without bytes, or whose bytes cannot be had, from a packet' {
        Get-ErrorId { $types['PacketDotNet.BrokenPacket']::new() | ConvertFrom-PacketBytes } | Should -Be WrongInputType
        Get-ErrorId { [version] '1.2' | ConvertFrom-PacketBytes } | Should -Be WrongInputType
        Get-ErrorId { [pscustomobject]@{ Data = 'text' } | ConvertFrom-PacketBytes } | Should -Be WrongInputType
    }
}
