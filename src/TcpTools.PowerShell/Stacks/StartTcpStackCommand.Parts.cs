using System;
using System.Linq;
using System.Management.Automation;
using TcpTools.Stack;
using TcpTools.Tcp;

namespace TcpTools.PowerShell;

/// <content>Parts of the stack that can be replaced.</content>
public sealed partial class StartTcpStackCommand
{
    private PartBinder? _parts;

    /// <summary>Who chooses initial sequence numbers.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(InitialSequenceCompleter))]
    public object? InitialSequence { get; set; }

    /// <summary>Who decides how much may be in flight.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(CongestionControlCompleter))]
    public object? CongestionControl { get; set; }

    /// <summary>Who decides how long to wait before sending again.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(RetransmissionTimeoutCompleter))]
    public object? RetransmissionTimeout { get; set; }

    /// <summary>Which options stand where.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(OptionLayoutCompleter))]
    public object? OptionLayout { get; set; }

    /// <summary>Who chooses local ports.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(PortSelectionCompleter))]
    public object? PortSelection { get; set; }

    /// <summary>Layers of one's own, the one nearest to TCP first.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public object[]? Layer { get; set; }

    /// <summary>The options with the parts that were given in the place of the usual ones.</summary>
    private TcpStackOptions WithParts(TcpStackOptions options)
    {
        _parts?.Dispose();
        _parts = new PartBinder(SessionState, options.Random);
        TcpSettings tcp = options.Tcp;
        return options with
        {
            Tcp = tcp with
            {
                InitialSequence = InitialSequence is null ? tcp.InitialSequence : _parts.InitialSequence(InitialSequence),
                CongestionControlFactory = CongestionControl is null ? tcp.CongestionControlFactory : _parts.CongestionControl(CongestionControl),
                RetransmissionTimeoutFactory =
                    RetransmissionTimeout is null ? tcp.RetransmissionTimeoutFactory : _parts.RetransmissionTimeout(RetransmissionTimeout),
                OptionLayout = OptionLayout is null ? tcp.OptionLayout : _parts.OptionLayout(OptionLayout),
            },
            Layers = Layer is null ? options.Layers : [.. Layer.Select(_parts.Layer)],
            PortSelection = PortSelection is null ? options.PortSelection : _parts.PortSelection(PortSelection),
        };
    }

    /// <summary>What is to be closed with the stack: its capture, and the scripts of its parts.</summary>
    private IDisposable? TakeAttachment()
    {
        PartBinder? parts = _parts;
        _parts = null;
        Capture.PcapFileSink? capture = _capture;
        _capture = null;
        return parts is { HasScripts: true } ? new Attachment(parts, capture) : capture;
    }

    private sealed class Attachment(IDisposable first, IDisposable? second) : IDisposable
    {
        public void Dispose()
        {
            first.Dispose();
            second?.Dispose();
        }
    }
}
