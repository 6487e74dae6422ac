namespace TcpTools.Capture;

/// <summary>Numbers of the pcapng format (draft-ietf-opsawg-pcapng) and of the classic one (draft-ietf-opsawg-pcap).</summary>
internal static class PcapNgFacts
{
    internal const uint SectionHeader = 0x0A0D0D0A;
    internal const uint InterfaceDescription = 1;
    internal const uint ObsoletePacket = 2;
    internal const uint SimplePacket = 3;
    internal const uint EnhancedPacket = 6;

    internal const uint ByteOrderMagic = 0x1A2B3C4D;
    internal const int MajorVersion = 1;

    internal const int EndOfOptions = 0;
    internal const int Comment = 1;
    internal const int SectionApplication = 4;
    internal const int InterfaceName = 2;
    internal const int InterfaceDescriptionText = 3;
    internal const int InterfaceTimeResolution = 9;
    internal const int InterfaceTimeOffset = 14;
    internal const int PacketFlags = 2;

    internal const uint PcapMicroseconds = 0xA1B2C3D4;
    internal const uint PcapNanoseconds = 0xA1B23C4D;
    internal const int PcapMajorVersion = 2;
    internal const int PcapMinorVersion = 4;
}
