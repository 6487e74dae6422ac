using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>
/// Parts of a stack as people give them: by name, by a value, by a C# type, by an object (C#'s or of a PowerShell class) or
/// by a script block.
/// </summary>
/// <param name="session">The session in which scripts were written; null where scripts are not taken.</param>
/// <param name="random">Where parts take random values from.</param>
internal sealed class PartBinder(SessionState? session, RandomSource random) : IDisposable
{
    private const double Millisecond = 1e-3;
    private const string LayerExample = "New-StackLayer -Send { param($packet) $packet }";

    private readonly List<IDisposable> _owned = [];

    /// <summary>Whether there is something to give back.</summary>
    public bool HasScripts => _owned.Count > 0;

    public IInitialSequenceGenerator InitialSequence(object value)
    {
        switch (PartValues.Unwrap(value))
        {
            case IInitialSequenceGenerator generator:
                return generator;
            case var number when PartValues.TrySequence(number, out SequenceNumber constant):
                return new ConstantSequence(constant);
            case var list when PartValues.IsList(list):
                return new ReplaySequence(Items(list!).Select(item => PartValues.TrySequence(item, out SequenceNumber number)
                    ? number
                    : throw Unfit("an initial sequence number", item, "Numbers are from 0 to 4294967295.")));
            case string name:
                return Named(TcpParts.InitialSequences, name, "choice of initial sequence numbers")(random);
            case Type type when typeof(IInitialSequenceGenerator).IsAssignableFrom(type):
                return Create<IInitialSequenceGenerator>(type, random);
            default:
                return new ScriptedSequence(Script("initial sequence", value, "Next", "{ param($flow, $now) 5555 }"));
        }
    }

    public Func<TcpSettings, ICongestionControl> CongestionControl(object value)
    {
        switch (PartValues.Unwrap(value))
        {
            case Func<TcpSettings, ICongestionControl> factory:
                return factory;
            case ICongestionControl control:
                throw new StackException(
                    StackError.InvalidArgument,
                    $"A congestion control such as {control.GetType().Name} belongs to one connection.",
                    $"Give its type, [{control.GetType().FullName}], of which each connection makes one.");
            case string name when !PartValues.TryInteger(name, out _):
                return Named(TcpParts.CongestionControls, name, "congestion control");
            case var number when PartValues.TryInteger(number, out long bytes):
                _ = new FixedWindow((int)Math.Clamp(bytes, 0, int.MaxValue));
                return _ => new FixedWindow((int)bytes);
            case Type type when typeof(ICongestionControl).IsAssignableFrom(type) && !PartValues.IsShellClass(type):
                _ = Create<ICongestionControl>(type, TcpSettings.Default);
                return settings => Create<ICongestionControl>(type, settings);
            default:
                PartScript script = Script("congestion control", value, "OnEvent", "{ param($event) ... the window in bytes }");
                return settings => new ScriptedCongestionControl(script, settings);
        }
    }

    public Func<TcpSettings, IRetransmissionTimeout> RetransmissionTimeout(object value)
    {
        switch (PartValues.Unwrap(value))
        {
            case Func<TcpSettings, IRetransmissionTimeout> factory:
                return factory;
            case IRetransmissionTimeout policy:
                return _ => policy;
            case var time when Duration.TryParse(value, Millisecond, out TimeSpan timeout):
                return timeout > TimeSpan.Zero ? _ => new FixedTimeout(timeout) : throw Unfit("a retransmission timeout", time, "It is longer than nothing.");
            case string name:
                return Named(TcpParts.RetransmissionTimeouts, name, "retransmission timeout");
            case Type type when typeof(IRetransmissionTimeout).IsAssignableFrom(type):
                _ = Create<IRetransmissionTimeout>(type, TcpSettings.Default);
                return settings => Create<IRetransmissionTimeout>(type, settings);
            default:
                ScriptedTimeout scripted = new(Script("retransmission timeout", value, "Compute", "{ param($rtt) '300ms' }"));
                return _ => scripted;
        }
    }

    public ITcpOptionLayout OptionLayout(object value)
    {
        switch (PartValues.Unwrap(value))
        {
            case ITcpOptionLayout layout:
                return layout;
            case string name when TcpParts.Find(TcpParts.OptionLayouts, name) is { } named:
                return named;
            case string list when OptionList.IsList(list):
                return new OptionList(list);
            case string name:
                return Named(TcpParts.OptionLayouts, name, "layout of options", " Or write a list such as 'mss,nop,ws,nop,nop,sok'.");
            case IDictionary places:
                return OptionLayout(places);
            case var list when PartValues.IsList(list):
                return new OptionList(Join(list!));
            case Type type when typeof(ITcpOptionLayout).IsAssignableFrom(type):
                return Create<ITcpOptionLayout>(type, random);
            default:
                return new ScriptedLayout(Script("option layout", value, "Write", "{ param($segment) 'mss', 'sok' }"));
        }
    }

    public IPortSelector PortSelection(object value, int first = 1024, int last = 65535)
    {
        switch (PartValues.Unwrap(value))
        {
            case IPortSelector selector:
                return selector;
            case string name when StackParts.PortSelections.FirstOrDefault(
                part => part.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } part:
                return part.Value(random, first, last);
            case string text when text.Split('-') is [var low, var high]:
                (int from, int to) = PortRange(text, low, high);
                return new PortAllocator(random, from, to);
            case string text when text.Split("..") is [var low, var high]:
                // As an argument without parentheses, PowerShell leaves it a text.
                (from, to) = PortRange(text, low, high);
                return new PortList(Enumerable.Range(from, to - from + 1));
            case var number when PartValues.TryInteger(number, out long port):
                return new PortList([(int)Math.Clamp(port, -1, 65536)]);
            case var list when PartValues.IsList(list):
                return new PortList(Items(list!).Select(item => PartValues.TryInteger(item, out long port)
                    ? (int)Math.Clamp(port, -1, 65536)
                    : throw Unfit("a port", item, "A port is a number from 1 to 65535.")));
            case string name:
                return Named(StackParts.PortSelections, name, "choice of ports", " Or name ports: 5000..5009, or '5000-5009'.")(random, first, last);
            case Type type when typeof(IPortSelector).IsAssignableFrom(type):
                return Create<IPortSelector>(type, random);
            default:
                return new ScriptedPorts(Script("port selection", value, "Select", "{ param($flow) 5000..5009 }"));
        }
    }

    public StackLayer Layer(object value)
    {
        object? plain = PartValues.Unwrap(value);
        switch (plain)
        {
            case StackLayer layer:
                PartValues.RequireFree(layer.GetType(), LayerExample);
                return PartValues.IsShellClass(layer.GetType()) ? throw NoBase(layer.GetType()) : layer;
            case Type type when typeof(StackLayer).IsAssignableFrom(type):
                return PartValues.IsShellClass(type) ? throw NoBase(type) : Create<StackLayer>(type, random);
            case Type type when PartValues.IsShellClass(type):
                return Layer(MakeShellObject(type, "layer", "Receive", LayerExample));
            case not null when PSObject.AsPSObject(plain) is { } part && (part.Methods["Receive"] ?? part.Methods["Send"]) is not null:
                PartValues.RequireFree(plain.GetType(), LayerExample);
                return new ScriptLayer(plain, session!);
            default:
                throw new StackException(
                    StackError.InvalidArgument,
                    $"{Lookup.Show(value)} is no layer.",
                    $"Give {LayerExample}, an object of a C# class that derives from StackLayer, or one of a PowerShell class with methods Receive and Send.");
        }
    }

    /// <summary>Ends the scripts.</summary>
    public void Dispose()
    {
        foreach (IDisposable item in _owned)
        {
            item.Dispose();
        }

        _owned.Clear();
    }

    private static (int First, int Last) PortRange(string text, string low, string high) =>
        PartValues.TryInteger(low, out long first) && PartValues.TryInteger(high, out long last)
            && first is > 0 && last is <= ushort.MaxValue && first <= last
            ? ((int)first, (int)last)
            : throw Unfit("a range of ports", text, "Ports are from 1 to 65535, the lower first.");

    private static OptionList OptionLayout(IDictionary places)
    {
        string? syn = null;
        string? synAck = null;
        string? data = null;
        foreach (DictionaryEntry entry in places)
        {
            string list = PartValues.IsList(entry.Value) ? Join(PartValues.Unwrap(entry.Value)!) : entry.Value?.ToString() ?? "";
            _ = entry.Key.ToString()?.ToLowerInvariant() switch
            {
                "syn" => syn = list,
                "synack" => synAck = list,
                "data" => data = list,
                _ => throw Unfit("a kind of segment", entry.Key, "Layouts are for Syn, SynAck and Data (all segments behind the handshake)."),
            };
        }

        return new OptionList(syn ?? "mss,sok,ts,nop,ws", synAck, data, name: "custom");
    }

    private static string Join(object list) =>
        string.Join(',', Items(list).Select(item => LanguagePrimitives.ConvertTo<string>(item)));

    private static IEnumerable<object?> Items(object list) => ((IEnumerable)list).Cast<object?>();

    // Its methods would run under the stack's lock, on threads that have no runspace, with packets as PowerShell cannot handle them.
    private static StackException NoBase(Type type) => new(
        StackError.InvalidArgument,
        $"The class {type.Name} of PowerShell derives from StackLayer.",
        $"Leave the base class out and give it methods Receive($packet, $layer) and Send($packet, $layer) that return packets; or use {LayerExample}.");

    private static StackException Unfit(string what, object? value, string advice) =>
        new(StackError.InvalidArgument, $"{Lookup.Show(value)} is not {what}.", advice);

    private static T Named<T>(IReadOnlyList<NamedPart<T>> parts, string name, string what, string more = "")
        where T : class =>
        TcpParts.Find(parts, name) ?? throw new StackException(
            StackError.InvalidArgument,
            $"There is no {what} named '{name}'.",
            $"The names are: {string.Join(", ", parts.Select(part => part.Name))}.{more}");

    /// <summary>Makes a part of a C# type, by its constructor that takes what there is to give, or by the one that takes nothing.</summary>
    private static T Create<T>(Type type, object argument)
    {
        PartValues.RequireFree(type, "{ ... }");
        try
        {
            ConstructorInfo? constructor = type.GetConstructors().FirstOrDefault(
                c => c.GetParameters() is [var only] && only.ParameterType.IsInstanceOfType(argument));
            return (T)(constructor?.Invoke([argument]) ?? Activator.CreateInstance(type)!);
        }
        catch (Exception e) when (e is MissingMethodException or MemberAccessException or TargetInvocationException)
        {
            string why = e is TargetInvocationException { InnerException: { } inner } ? inner.Message : "it has no constructor for that";
            throw new StackException(
                StackError.InvalidArgument,
                $"No {type.Name} can be made: {why}.",
                "Give a type with a constructor without parameters, or an object of it.",
                e);
        }
    }

    /// <summary>What runs in a runspace of its own: a script block, or an object of a PowerShell class, or its class.</summary>
    private PartScript Script(string what, object value, string method, string example)
    {
        object? plain = PartValues.Unwrap(value);
        if (session is null)
        {
            throw new StackException(
                StackError.InvalidArgument, $"{Lookup.Show(value)} is no {what} here.", "Scripts and objects of PowerShell are for the parameters of Start-TcpStack.");
        }

        PartScript script;
        if (plain is ScriptBlock block)
        {
            script = new PartScript(what, block, session);
        }
        else
        {
            object part = plain is Type type ? MakeShellObject(type, what, method, example) : plain ?? value;
            PartValues.RequireFree(part.GetType(), example);
            if (PSObject.AsPSObject(part).Methods[method] is null || part is PSObject)
            {
                throw new StackException(
                    StackError.InvalidArgument,
                    $"{Lookup.Show(value)} is no {what}.",
                    $"Give a name, a script block such as {example}, or an object of a class with a method {method}.");
            }

            script = new PartScript(what, part, method, session);
        }

        _owned.Add(script);
        return script;
    }

    private static object MakeShellObject(Type type, string what, string method, string example)
    {
        PartValues.RequireFree(type, example);
        return PartValues.IsShellClass(type)
            ? Create<object>(type, method)
            : throw new StackException(
                StackError.InvalidArgument,
                $"[{type.Name}] is no {what}.",
                $"Give a type that implements the interface of {what}s, or a PowerShell class with a method {method}.");
    }
}
