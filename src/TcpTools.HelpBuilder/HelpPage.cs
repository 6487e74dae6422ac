using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Markdig;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using YamlDotNet.Serialization;

namespace TcpTools.HelpBuilder;

/// <summary>An example of a help page: a title, code, and words about it.</summary>
internal sealed record HelpExample(string Title, string Code, IReadOnlyList<string> Remarks);

/// <summary>
/// One cmdlet's page in docs/en-US: the prose of its help. The headings are those of platyPS; what the cmdlet's own
/// metadata say (syntax, types, positions) is not repeated in the page and not read from it.
/// </summary>
internal sealed class HelpPage
{
    private static readonly MarkdownPipeline s_pipeline =
        new MarkdownPipelineBuilder().UseYamlFrontMatter().UsePipeTables().Build();

    private readonly Dictionary<string, List<Block>> _sections = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _source;

    private HelpPage(string path)
    {
        Path = path;
        _source = File.ReadAllText(path);
        MarkdownDocument document = Markdown.Parse(_source, s_pipeline);
        ReadFrontMatter(document);
        List<Block>? current = null;
        foreach (Block block in document)
        {
            switch (block)
            {
                case HeadingBlock { Level: 1 } heading:
                    Name = TextOf(heading);
                    break;
                case HeadingBlock { Level: 2 } heading:
                    _sections[TextOf(heading)] = current = [];
                    break;
                default:
                    current?.Add(block);
                    break;
            }
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The first heading: the cmdlet's name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What the front matter says.</summary>
    public IReadOnlyDictionary<string, string> FrontMatter { get; private set; } = new Dictionary<string, string>();

    /// <summary>What the cmdlet does, in a sentence.</summary>
    public string Synopsis => string.Join(" ", Paragraphs("SYNOPSIS"));

    /// <summary>What it does, at length.</summary>
    public IReadOnlyList<string> Description => Paragraphs("DESCRIPTION");

    /// <summary>Further remarks.</summary>
    public IReadOnlyList<string> Notes => Paragraphs("NOTES");

    /// <summary>The examples in their order.</summary>
    public IEnumerable<HelpExample> Examples
    {
        get
        {
            foreach ((string title, List<Block> blocks) in Parts("EXAMPLES"))
            {
                IEnumerable<string> code = blocks.OfType<FencedCodeBlock>()
                    .Where(b => b.Info is "powershell" or "console").Select(b => b.Lines.ToString());
                yield return new HelpExample(title, string.Join("\n", code), TextsOf(blocks.Where(b => b is not FencedCodeBlock { Info: "powershell" or "console" })));
            }
        }
    }

    /// <summary>The prose of each parameter, by its name without the dash.</summary>
    public Dictionary<string, List<string>> Parameters =>
        Parts("PARAMETERS").ToDictionary(
            p => p.Title.TrimStart('-'), p => TextsOf(p.Blocks.Where(b => b is not FencedCodeBlock { Info: "yaml" })), StringComparer.OrdinalIgnoreCase);

    /// <summary>What can be piped in: type and words.</summary>
    public IEnumerable<(string Type, List<string> Text)> Inputs => Parts("INPUTS").Select(p => (p.Title, TextsOf(p.Blocks)));

    /// <summary>What comes out: type and words.</summary>
    public IEnumerable<(string Type, List<string> Text)> Outputs => Parts("OUTPUTS").Select(p => (p.Title, TextsOf(p.Blocks)));

    /// <summary>Names and targets of related pages.</summary>
    public IEnumerable<(string Text, string Uri)> Links =>
        Section("RELATED LINKS").SelectMany(b => b.Descendants<LinkInline>()).Select(l => (InlineText(l), l.Url ?? ""));

    /// <summary>Reads a page.</summary>
    public static HelpPage Read(string path) => new(path);

    private List<Block> Section(string name) => _sections.GetValueOrDefault(name) ?? [];

    private List<string> Paragraphs(string name) => TextsOf(Section(name));

    private IEnumerable<(string Title, List<Block> Blocks)> Parts(string name)
    {
        (string Title, List<Block> Blocks)? part = null;
        foreach (Block block in Section(name))
        {
            if (block is HeadingBlock { Level: 3 } heading)
            {
                if (part is { } done)
                {
                    yield return done;
                }

                part = (TextOf(heading), []);
            }
            else
            {
                part?.Blocks.Add(block);
            }
        }

        if (part is { } last)
        {
            yield return last;
        }
    }

    private void ReadFrontMatter(MarkdownDocument document)
    {
        if (document.OfType<YamlFrontMatterBlock>().FirstOrDefault() is { } block)
        {
            FrontMatter = new DeserializerBuilder().Build()
                .Deserialize<Dictionary<string, string?>>(block.Lines.ToString())
                .ToDictionary(p => p.Key, p => p.Value ?? "", StringComparer.OrdinalIgnoreCase);
        }
    }

    private List<string> TextsOf(IEnumerable<Block> blocks) => [.. blocks.SelectMany(TextsOf)];

    private IEnumerable<string> TextsOf(Block block) => block switch
    {
        FencedCodeBlock or CodeBlock => [string.Join("\n", ((LeafBlock)block).Lines.ToString().Split('\n').Select(l => "    " + l))],
        ListBlock list => list.Cast<ListItemBlock>().Select(i => "- " + string.Join("\n  ", i.SelectMany(TextsOf))),
        // A table reads as well in the terminal as in its source.
        Markdig.Extensions.Tables.Table table => [_source.Substring(table.Span.Start, table.Span.Length)],
        LeafBlock leaf => [TextOf(leaf)],
        ContainerBlock container => container.SelectMany(TextsOf),
        _ => [],
    };

    private static string TextOf(LeafBlock block) => block.Inline is null ? block.Lines.ToString() : InlineText(block.Inline);

    private static string InlineText(ContainerInline inlines) => string.Concat(inlines.Select(inline => inline switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LineBreakInline { IsHard: true } => "\n",
        LineBreakInline => " ",
        HtmlEntityInline entity => entity.Transcoded.ToString(),
        AutolinkInline link => link.Url,
        ContainerInline container => InlineText(container),
        _ => "",
    }));
}
