namespace TcpTools.Capture;

/// <summary>Numbers of the pcapng format (draft-ietf-opsawg-pcapng) and of the classic one (draft-ietf-opsawg-pcap).</summary>
internal static class PcapNgFacts
{
    internal const uint SectionHeader = 0x0A0D0D0A;
    internal const uint InterfaceDescription = 1;
    internal const uint ObsoletePacket = 2;
    internal const uint SimplePacket = 3;
    internal const uint NameResolution = 4;
    internal const uint InterfaceStatistics = 5;
    internal const uint EnhancedPacket = 6;
    internal const uint DecryptionSecrets = 10;

    internal const uint ByteOrderMagic = 0x1A2B3C4D;
    internal const int MajorVersion = 1;

    internal const int EndOfOptions = 0;
    internal const int Comment = 1;

    internal const int SectionHardware = 2;
    internal const int SectionOperatingSystem = 3;
    internal const int SectionApplication = 4;

    internal const int InterfaceName = 2;
    internal const int InterfaceDescriptionText = 3;
    internal const int InterfaceIPv4Address = 4;
    internal const int InterfaceIPv6Address = 5;
    internal const int InterfaceMacAddress = 6;
    internal const int InterfaceSpeed = 8;
    internal const int InterfaceTimeResolution = 9;
    internal const int InterfaceFilter = 11;
    internal const int InterfaceOperatingSystem = 12;
    internal const int InterfaceFrameCheckLength = 13;
    internal const int InterfaceTimeOffset = 14;
    internal const int InterfaceHardware = 15;

    internal const int PacketFlags = 2;
    internal const int PacketDropCount = 4;

    internal const int NameIPv4 = 1;
    internal const int NameIPv6 = 2;

    internal const int StatisticsStart = 2;
    internal const int StatisticsEnd = 3;
    internal const int StatisticsReceived = 4;
    internal const int StatisticsDropped = 5;
    internal const int StatisticsAccepted = 6;
    internal const int StatisticsSystemDropped = 7;
    internal const int StatisticsDelivered = 8;

    internal const uint PcapMicroseconds = 0xA1B2C3D4;
    internal const uint PcapNanoseconds = 0xA1B23C4D;

    /// <summary>Alexey Kuznetzov's format: 8 bytes more in front of each frame.</summary>
    internal const uint PcapModified = 0xA1B2CD34;
    internal const int PcapMajorVersion = 2;
    internal const int PcapMinorVersion = 4;
}
