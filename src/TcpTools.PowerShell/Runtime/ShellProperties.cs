using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using TcpTools.Inspection;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Properties that objects have in the shell only; module/TcpTools.Types.ps1xml names them.</summary>
public static class ShellProperties
{
    /// <summary>Whether a stack is this runspace's default.</summary>
    public static bool IsDefault(PSObject instance) => instance?.BaseObject is TcpStack stack && ModuleState.Current.DefaultStack == stack;

    /// <summary>A stack's addresses as text.</summary>
    public static string AddressText(PSObject instance) =>
        instance?.BaseObject is TcpStack stack ? string.Join(", ", stack.Addresses) : "";

    /// <summary>The name of a stack's link.</summary>
    public static string LinkName(PSObject instance) => instance?.BaseObject is TcpStack stack ? stack.Link.Name : "";

    /// <summary>The name of the stack that a session or a listener belongs to.</summary>
    public static string StackName(PSObject instance) => instance?.BaseObject switch
    {
        TcpSession session => session.Stack?.Name ?? "kernel",
        TcpListener listener => listener.Stack.Name,
        _ => "",
    };

    /// <summary>A packet's bytes, by which it survives where its class does not.</summary>
    public static byte[] PacketBytes(PSObject instance) => instance?.BaseObject is Packet packet ? packet.ToBytes() : [];

    /// <summary>A packet as one line.</summary>
    public static string PacketLine(PSObject instance) => instance?.BaseObject is Packet packet ? packet.ToString() : "";

    /// <summary>How many bytes a packet has.</summary>
    public static int PacketLength(PSObject instance) => instance?.BaseObject is Packet packet ? packet.GetLength() : 0;

    /// <summary>The conversation that a packet belongs to: one name for both directions.</summary>
    public static string PacketFlow(PSObject instance) => instance?.BaseObject is Packet packet ? PacketColumns.Flow(packet) : "";

    /// <summary>Where a packet comes from.</summary>
    public static string PacketSource(PSObject instance) => instance?.BaseObject is Packet packet ? PacketColumns.Source(packet) : "";

    /// <summary>Where a packet goes to.</summary>
    public static string PacketDestination(PSObject instance) => instance?.BaseObject is Packet packet ? PacketColumns.Destination(packet) : "";

    /// <summary>A packet's innermost protocol.</summary>
    public static string PacketProtocol(PSObject instance) => instance?.BaseObject is Packet packet ? PacketColumns.Protocol(packet) : "";

    /// <summary>What a packet says.</summary>
    public static string PacketInfo(PSObject instance) => instance?.BaseObject is Packet packet ? PacketColumns.Info(packet) : "";

    /// <summary>What happens to packets from a wire's end A to B.</summary>
    public static string AToBText(PSObject instance) => instance?.BaseObject is ImpairedWire wire ? Describe(wire.AToB) : "";

    /// <summary>What happens to packets from a wire's end B to A.</summary>
    public static string BToAText(PSObject instance) => instance?.BaseObject is ImpairedWire wire ? Describe(wire.BToA) : "";

    private static string Describe(Impairment impairment)
    {
        List<string> parts = [];
        Chance("loss", impairment.Loss);
        Chance("duplicate", impairment.Duplicate);
        Chance("corrupt", impairment.Corrupt);
        Chance("reorder", impairment.Reorder);
        if (impairment.Delay > System.TimeSpan.Zero || impairment.Jitter > System.TimeSpan.Zero)
        {
            string jitter = impairment.Jitter > System.TimeSpan.Zero ? $"+{Milliseconds(impairment.Jitter)}" : "";
            parts.Add($"delay {Milliseconds(impairment.Delay)}{jitter} ms");
        }

        if (impairment.Rate > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"rate {impairment.Rate / 1e6:0.###} Mbit/s"));
        }

        if (impairment.Mtu > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"mtu {impairment.Mtu}"));
        }

        if (impairment.Rule is not null)
        {
            parts.Add("rule");
        }

        return string.Join(", ", parts);

        void Chance(string name, double value)
        {
            if (value > 0)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {value * 100:0.###} %"));
            }
        }
    }

    private static string Milliseconds(System.TimeSpan span) =>
        span.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture);
}
