using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using TcpTools.Capture;
using TcpTools.Channels;
using TcpTools.Links;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>
/// What <c>-Link</c> names: an interface of the kernel's, a link in memory or a device of ours, or a stack whose link is meant.
/// </summary>
public sealed class LinkTarget
{
    private LinkTarget(string name)
    {
        Name = name;
    }

    /// <summary>The link's or the stack's name.</summary>
    public string Name { get; }

    internal ILink? Link { get; private init; }

    internal TcpStack? Stack { get; private init; }

    /// <summary>Opens what is no link yet; who opens it closes it. Null where there is nothing to open.</summary>
    internal Func<ILink>? Open { get; private init; }

    /// <summary>Whether an interface of the kernel's is meant, by its name.</summary>
    internal bool IsInterface => Link is null && Stack is null && Open is null && Several is null;

    /// <summary>Several of the others, to receive from together; null when it is one.</summary>
    internal IReadOnlyList<LinkTarget>? Several { get; private init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal static LinkTarget From(object? input)
    {
        object? value = input is PSObject wrapped ? wrapped.BaseObject : input;
        return value switch
        {
            LinkTarget target => target,
            ILink link => new LinkTarget(link.Name) { Link = link },
            string name when name.Length > 0 => FromName(name),
            PacketLink { CaptureDriver: { } driver } link => FromDriver(driver, link.Name, new CaptureDriverOptions { Mtu = link.Mtu }),
            PacketInterface place => new LinkTarget(place.Name),
            PacketLink link => link.Link is { } own ? new LinkTarget(link.Name) { Link = own, Stack = link.Stack } : new LinkTarget(link.Name),
            object[] many when many.Length > 1 => Merge([.. many.Select(From)]),
            object[] and [var single] => From(single),
            TcpStack stack => new LinkTarget(stack.Name) { Stack = stack },
            ImpairedWire or PacketWire => throw new ArgumentTransformationMetadataException(
                "A wire has two ends: name one of them, such as $wire.A."),
            not null when CaptureDrivers.OwnerOf(value) is { } driver => FromDevice(driver, value),
            _ => throw new ArgumentTransformationMetadataException(
                $"'{input}' is not a link: name an interface (Get-PacketLink lists them), or give a link, such as an end of New-PacketWire."),
        };
    }

    private static LinkTarget FromDevice(ICaptureDriver driver, object device)
    {
        string name = PSObject.AsPSObject(device).Properties["Name"]?.Value as string ?? driver.Name;
        return new LinkTarget(name)
        {
            Open = () => driver.TryOpenDevice(device, new CaptureDriverOptions()) ?? throw new StackException(
                StackError.InvalidArgument, $"'{name}' is not a device of {driver.Name}'s.", "Give a LibPcapLiveDevice or a CaptureFileReaderDevice."),
        };
    }

    private static LinkTarget Merge(LinkTarget[] targets) =>
        new(string.Join(',', targets.Select(t => t.Name))) { Several = targets };

    /// <summary>An interface, or a capture file that there is, by another way than ours.</summary>
    internal static LinkTarget FromDriver(ICaptureDriver driver, string name, CaptureDriverOptions options) => new(name)
    {
        Open = () => File.Exists(name) ? driver.OpenFile(name) : driver.OpenInterface(name, options),
    };

    private static LinkTarget FromName(string name) =>
        ModuleState.Current.Stacks.FirstOrDefault(s => s.Link.Name == name) is { } stack
            ? new LinkTarget(name) { Stack = stack }
            : new LinkTarget(name) { Link = ModuleState.Current.Tunnels.Items.FirstOrDefault(t => t.Name == name) };
}

/// <summary>Lets <c>-Link</c> take whatever frames can be sent to and received from.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LinkTargetTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => LinkTarget.From(inputData);
}
