using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using TcpTools.Capture;
using TcpTools.Channels;
using TcpTools.Links;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>
/// What the cmdlets that send and receive raw frames have in common: -Stack and -Link say where, and
/// <see cref="OpenChannel"/> opens it.
/// </summary>
public abstract class ChannelCmdlet : TcpToolsCmdlet
{
    /// <summary>The stack whose link to use.</summary>
    [Parameter]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public virtual TcpStack? Stack { get; set; }

    /// <summary>The interface or the link to use.</summary>
    [Parameter]
    [LinkTargetTransform]
    [ArgumentCompleter(typeof(InterfaceCompleter))]
    public virtual LinkTarget? Link { get; set; }

    /// <summary>The stack that is meant, whether by -Stack, by -Link, or because nothing else is; null when it is none, and the host's routes are to be used.</summary>
    private protected TcpStack? TargetStack
    {
        get
        {
            if (Stack is not null && Link is not null)
            {
                throw new StackException(
                    StackError.InvalidArgument, "-Stack and -Link were both given.", "Give the one that you mean.");
            }

            return Link is null ? Stack ?? State.DefaultStack : Link.Stack;
        }
    }

    /// <summary>
    /// Opens what -Stack and -Link say; without them, the runspace's stack, and without one, the host's routes. The caller disposes the channel; the stack or
    /// the link stays as it is. Errors have it for their target from then on.
    /// </summary>
    /// <exception cref="StackException">The link is in use by a stack, or there is no such interface.</exception>
    private protected IPacketChannel OpenChannel()
    {
        if (TargetStack is { } stack)
        {
            Subject = stack;
            return new StackChannel(stack);
        }

        if (Link?.Several is { } several)
        {
            Subject = Link;
            return new MergedChannel(OpenEach(several));
        }

        return Link is null ? OpenHost() : Open(Link);
    }

    /// <summary>Lets the driver of a name open what -Link names; our own way leaves it as it is.</summary>
    private protected void UseDriver(string name, CaptureDriverOptions options)
    {
        if (RequireDriver(name) is not { } driver)
        {
            return;
        }

        if (Link is null)
        {
            throw new StackException(
                StackError.InvalidArgument, $"-Driver {driver.Name} opens what -Link names, and there is no -Link.", "Give -Link an interface or a capture file.");
        }

        if (Link.IsInterface)
        {
            string path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Link.Name);
            Link = LinkTarget.FromDriver(driver, File.Exists(path) ? path : Link.Name, options);
        }
    }

    /// <summary>The same, each link that -Link names by itself.</summary>
    private protected IReadOnlyList<IPacketChannel> OpenChannels() =>
        Link?.Several is { } several ? OpenEach(several) : [OpenChannel()];

    private IPacketChannel Open(LinkTarget target)
    {
        if (target.Stack is { } stack)
        {
            return new StackChannel(stack);
        }

        if (target.Open is { } open)
        {
            ILink opened = open();
            Subject = opened;
            return new LinkChannel(opened, State.Clock?.Network, ownsLink: true);
        }

        if (target.IsInterface)
        {
            Subject = target;
            return OpenInterface(target.Name);
        }

        ILink link = target.Link!;
        Subject = link;
        LinkClaims.ThrowIfTaken(link, "Name the stack with -Stack instead, or a link that no stack has.");
        return new LinkChannel(link, State.Clock?.Network);
    }

    private List<IPacketChannel> OpenEach(IReadOnlyList<LinkTarget> targets)
    {
        List<IPacketChannel> channels = [];
        try
        {
            foreach (LinkTarget target in targets)
            {
                channels.Add(Open(target));
            }
        }
        catch
        {
            channels.ForEach(channel => channel.Dispose());
            throw;
        }

        return channels;
    }

    /// <summary>Opens an interface of the kernel's; who wants more than what comes in overrides it.</summary>
    private protected virtual IPacketChannel OpenInterface(string name) => InterfaceChannel.Open(name);

    /// <summary>Opens the host's routes.</summary>
    private protected virtual IPacketChannel OpenHost() => new HostChannel();
}
