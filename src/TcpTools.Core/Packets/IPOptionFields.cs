using System.Globalization;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>The fields of IPv4 options.</summary>
internal static class IPOptionFields
{
    /// <summary>Kind and length, and what the option holds.</summary>
    public static void Describe(IPOption option, FieldSink sink)
    {
        sink.Number(nameof(IPOption.Kind), 0, 8);
        if (option.Kind <= IPv4OptionKind.NoOperation)
        {
            return;
        }

        sink.Number(nameof(IPOption.Length), 8, 8);
        switch (option)
        {
            case IPRouteOption route:
                sink.Number(nameof(IPRouteOption.Pointer), 16, 8);
                for (int i = 0; i < route.Addresses.Count; i++)
                {
                    sink.Address(Element(nameof(IPRouteOption.Addresses), i), 3 + (4 * i), 4);
                }

                break;
            case IPTimestampOption timestamp:
                sink.Number(nameof(IPTimestampOption.Pointer), 16, 8);
                sink.Number(nameof(IPTimestampOption.Overflow), 24, 4);
                sink.Number(nameof(IPTimestampOption.Flag), 28, 4);
                for (int i = 0; i < timestamp.Slots.Count; i++)
                {
                    sink.Number(Element(nameof(IPTimestampOption.Slots), i), 32 + (32 * i), 32);
                }

                break;
            case IPRouterAlertOption:
                sink.Number(nameof(IPRouterAlertOption.Value), 16, 16);
                break;
            case IPMtuOption:
                sink.Number(nameof(IPMtuOption.Mtu), 16, 16);
                break;
            case IPStreamIdOption:
                sink.Number(nameof(IPStreamIdOption.StreamId), 16, 16);
                break;
            case IPTracerouteOption:
                sink.Number(nameof(IPTracerouteOption.Id), 16, 16);
                sink.Number(nameof(IPTracerouteOption.OutboundHops), 32, 16);
                sink.Number(nameof(IPTracerouteOption.ReturnHops), 48, 16);
                sink.Address(nameof(IPTracerouteOption.Originator), 8, 4);
                break;
            case IPAddressExtensionOption:
                sink.Address(nameof(IPAddressExtensionOption.SourceExtension), 2, 4);
                sink.Address(nameof(IPAddressExtensionOption.DestinationExtension), 6, 4);
                break;
            case IPBroadcastOption broadcast:
                for (int i = 0; i < broadcast.Addresses.Count; i++)
                {
                    sink.Address(Element(nameof(IPBroadcastOption.Addresses), i), 2 + (4 * i), 4);
                }

                break;
            case IPSecurityOption when option.Length == 11:
                sink.Number(nameof(IPSecurityOption.Security), 16, 16, FieldStyle.Hex);
                sink.Number(nameof(IPSecurityOption.Compartments), 32, 16, FieldStyle.Hex);
                sink.Number(nameof(IPSecurityOption.HandlingRestrictions), 48, 16, FieldStyle.Hex);
                sink.Number(nameof(IPSecurityOption.TransmissionControlCode), 64, 24, FieldStyle.Hex);
                break;
            case IPSecurityOption:
                sink.Number(nameof(IPSecurityOption.Level), 16, 8, FieldStyle.Hex);
                sink.Data(nameof(IPSecurityOption.Authorities), 3);
                break;
            default:
                sink.Data(nameof(IPOption.Data), 2);
                break;
        }
    }

    private static string Element(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{name}[{index}]");
}
